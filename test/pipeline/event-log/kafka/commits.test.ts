import { expect, test } from 'vitest'
import { openCommits } from '../../../../pipeline/event-log/kafka/commits.ts'
import { openMembership } from '../../../../pipeline/event-log/kafka/membership.ts'
import { ConfigError } from '../../../../schemas/errors.ts'

const kafkaError = (type: string): Error => Object.assign(new Error(type), { type })

/** What kafkajs would send, and what a broker answers. */
const opened = (answers: readonly (string | null)[] = []) => {
  const sent: string[] = []
  const left = [...answers]
  const sendOffset = async (offset: bigint): Promise<boolean> => {
    sent.push(String(offset))
    const type = left.shift() ?? null
    if (type !== null) throw kafkaError(type)
    return true
  }
  const membership = openMembership({ topics: ['a'] })
  membership.begin({ a: [0] })
  const { generation } = membership
  if (generation === null) throw new Error('no generation')
  const { commit } = openCommits(membership)
  return {
    membership,
    sent,
    commit: (next: bigint) =>
      commit({ generation, topic: 'a', partition: 0, next, send: () => sendOffset(next) }),
  }
}

test('offsets go forward only, in whatever order the commits come', async () => {
  const { commit, sent } = opened()
  expect(await Promise.all([3n, 7n, 5n, 7n, 9n].map(commit))).toEqual(Array(5).fill(true))
  expect(sent).toEqual(['3', '7', '9'])
})

test('a commit of an earlier generation is not even sent', async () => {
  const { commit, membership, sent } = opened()
  membership.end(false)
  expect(await commit(1n)).toBe(false)
  membership.begin({ a: [0] })
  expect(await commit(1n)).toBe(false)
  expect(sent).toEqual([])
})

test.each(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS'])(
  'a broker that answers %s has given the partition to somebody else',
  async (type) => {
    expect(await opened([type]).commit(1n)).toBe(false)
  },
)

test('a broker that is away is asked again', async () => {
  const { commit, sent } = opened(['GROUP_LOAD_IN_PROGRESS'])
  expect(await commit(4n)).toBe(true)
  expect(sent).toEqual(['4', '4'])
})

test('a refusal is an error', async () => {
  await expect(opened(['GROUP_AUTHORIZATION_FAILED']).commit(1n)).rejects.toBeInstanceOf(
    ConfigError,
  )
})
