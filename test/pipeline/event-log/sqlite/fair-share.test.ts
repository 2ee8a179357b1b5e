import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type GroupMember,
  type GroupPartition,
  planRebalance,
} from '../../../../pipeline/event-log/sqlite/fair-share.ts'

const TOPICS = [1, 2]
const PARTITIONS = 12

const members = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 1, max: 50 }),
    topicIds: fc.subarray(TOPICS, { minLength: 1 }),
  }),
  { selector: ({ id }) => id, minLength: 1, maxLength: 9 },
)

/** Partitions of both topics with owners drawn from anybody, members that are gone included. */
const partitions = fc
  .array(fc.option(fc.integer({ min: 1, max: 60 })), {
    minLength: 2 * PARTITIONS,
    maxLength: 2 * PARTITIONS,
  })
  .map((owners) =>
    owners.map((ownerId, i) => ({ id: i, topicId: i < PARTITIONS ? 1 : 2, ownerId })),
  )

/** What a member does in one transaction. */
const step = (
  me: GroupMember,
  live: readonly GroupMember[],
  before: readonly GroupPartition[],
): readonly GroupPartition[] => {
  const { release, take } = planRebalance(me, live, before)
  return before.map((partition) => ({
    ...partition,
    ownerId: take.includes(partition.id)
      ? me.id
      : release.includes(partition.id)
        ? null
        : partition.ownerId,
  }))
}

const rounds = (live: readonly GroupMember[], before: readonly GroupPartition[]) =>
  [1, 2].reduce((state) => live.reduce((now, me) => step(me, live, now), state), before)

const countsOf = (live: readonly GroupMember[], now: readonly GroupPartition[], topicId: number) =>
  live
    .filter(({ topicIds }) => topicIds.includes(topicId))
    .map(({ id }) => now.filter((p) => p.topicId === topicId && p.ownerId === id).length)

test('after two rounds in any order the shares of each topic add up and differ by one at most', () => {
  fc.assert(
    fc.property(members, partitions, (live, before) => {
      // An owner that is alive but does not subscribe to the topic cannot be: membership fixes the topics.
      const start = before.map((partition) => {
        const owner = live.find(({ id }) => id === partition.ownerId)
        const isOwner = owner === undefined || owner.topicIds.includes(partition.topicId)
        return isOwner ? partition : { ...partition, ownerId: null }
      })
      const after = rounds(live, start)
      for (const topicId of TOPICS) {
        const counts = countsOf(live, after, topicId)
        if (counts.length === 0) continue
        expect(counts.reduce((sum, count) => sum + count)).toBe(PARTITIONS)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }
    }),
  )
})

test('nobody takes what another live member owns, nor what it does not subscribe to', () => {
  fc.assert(
    fc.property(members, partitions, (live, before) => {
      for (const me of live) {
        const taken = planRebalance(me, live, before).take
        for (const partition of before.filter(({ id }) => taken.includes(id))) {
          expect(live.map(({ id }) => id)).not.toContain(partition.ownerId)
          expect(me.topicIds).toContain(partition.topicId)
        }
      }
    }),
  )
})

test('a settled group stays as it is, and the order of members and partitions is no matter', () => {
  fc.assert(
    fc.property(members, partitions, (live, before) => {
      const after = rounds(live, before)
      for (const me of live) {
        const free = after.filter(({ ownerId }) => ownerId === null)
        const plan = planRebalance(me, [...live].reverse(), after)
        expect(plan.release).toEqual([])
        expect(plan.take.every((id) => free.some((partition) => partition.id === id))).toBe(true)
      }
    }),
  )
})

test('a member that joins takes only what is more than the share of the others', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), (count) => {
      const live = Array.from({ length: count + 1 }, (_, i) => ({ id: i + 1, topicIds: [1] }))
      const free = Array.from({ length: PARTITIONS }, (_, id) => ({
        ...{ id, topicId: 1, ownerId: null },
      }))
      const before = rounds(live.slice(0, count), free)
      const after = rounds(live, before)
      const moved = after.filter((p, i) => p.ownerId !== before[i]?.ownerId)
      expect(moved).toHaveLength(Math.floor(PARTITIONS / (count + 1)))
    }),
  )
})
