import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type GroupTable,
  type OwnedPartition,
  openGroupTable,
} from '../../../../pipeline/event-log/sqlite/group-table.ts'
import { lagReader } from '../../../../pipeline/event-log/sqlite/lag-table.ts'
import { openLogFile } from '../../../../pipeline/event-log/sqlite/log-file.ts'
import { openTopicTable } from '../../../../pipeline/event-log/sqlite/topic-table.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const LEASE_MS = 10_000

/** A file with one topic, and as many connections to it as processes would have. */
const openGroups = (processes: number, partitions: number) => {
  const { folder, remove } = temporaryFolder()
  const files = Array.from({ length: processes }, () => openLogFile(join(folder, 'log'), 1e9))
  const [first] = files
  if (first === undefined) throw new Error('at least one process')
  const topics = openTopicTable(first)
  topics.create([{ name: 't', partitions, retentionHours: null }])
  const close = (): void => {
    for (const file of files) file.close()
    remove()
  }
  const lagOf = lagReader(first)
  const topic = topics.find('t')
  return {
    tables: files.map(openGroupTable),
    pretendProcessOf: (memberId: number, pid: number) =>
      first.state.prepare('UPDATE member SET pid = ? WHERE id = ?').run(pid, memberId),
    committed: () => lagOf('g').map(({ committed }) => committed),
    join: (table: GroupTable, nowMs: number) =>
      table.join({
        ...{ group: 'g', topics: [topic], from: 'earliest' },
        leaseUntilMs: nowMs + LEASE_MS,
      }),
    close,
  }
}

const twoMembers = () => {
  const { tables, join: joinGroup, close, ...rest } = openGroups(2, 1)
  onTestFinished(close)
  const [a, b] = tables as [GroupTable, GroupTable]
  const memberA = joinGroup(a, 0)
  const [owned] = a.rebalance('g', memberA, 0) ?? []
  if (owned === undefined) throw new Error('the first member owns the partition')
  const memberB = joinGroup(b, 5000)
  return { ...rest, a, b, memberA, memberB, owned, joinGroup }
}

describe('groups in a file', () => {
  test('a member whose lease has ended loses its partition, and its commits do nothing from then on', () => {
    const { a, b, memberA, memberB, owned, committed } = twoMembers()
    expect(a.commit('g', memberA, owned, 7)).toBe(true)
    expect(b.rebalance('g', memberB, LEASE_MS - 1)).toEqual([])
    const taken = b.rebalance('g', memberB, LEASE_MS)
    expect(taken).toEqual([expect.objectContaining({ committed: 7, epoch: owned.epoch + 1 })])
    expect(a.commit('g', memberA, owned, 9)).toBe(false)
    expect(committed()).toEqual([7n])
    expect(a.rebalance('g', memberA, LEASE_MS)).toBeNull()
    expect([...a.renew([memberA], 99_999)]).toEqual([])
  })

  test('a member that renews its lease keeps its partition', () => {
    const { a, b, memberA, memberB } = twoMembers()
    expect([...a.renew([memberA], 2 * LEASE_MS)]).toEqual([memberA])
    expect(b.rebalance('g', memberB, LEASE_MS + 1)).toEqual([])
    expect(a.rebalance('g', memberA, LEASE_MS + 1)).toHaveLength(1)
  })

  test('nobody waits for the lease of a process that ended', () => {
    const { b, memberB, pretendProcessOf, memberA, owned } = twoMembers()
    expect(b.rebalance('g', memberB, 6000)).toEqual([])
    pretendProcessOf(memberA, spawnSync(process.execPath, ['--version']).pid)
    expect(b.rebalance('g', memberB, 6000)).toEqual([
      { ...owned, epoch: owned.epoch + 1, ownerId: memberB },
    ])
  })

  test('an ownership that was given back and taken again is another one', () => {
    const { a, b, memberA, memberB, owned, committed, joinGroup } = twoMembers()
    a.leave(memberA)
    const [taken] = b.rebalance('g', memberB, 6000) ?? []
    expect(taken?.epoch).toBe(owned.epoch + 1)
    b.leave(memberB)
    const again = joinGroup(a, 6000)
    const [back] = a.rebalance('g', again, 6000) ?? []
    expect(back?.epoch).toBe(owned.epoch + 2)
    expect(a.commit('g', again, owned, 3)).toBe(false)
    expect(committed()).toEqual([null])
  })

  test('an offset never moves back, even by its owner', () => {
    const { a, memberA, owned, committed } = twoMembers()
    for (const next of [5, 2, 0]) expect(a.commit('g', memberA, owned, next)).toBe(true)
    expect(committed()).toEqual([5n])
  })

  test('whatever members do, a partition has one owner and offsets only grow', () => {
    const act = fc.record({
      process: fc.nat(2),
      kind: fc.constantFrom('join', 'check', 'renew', 'leave', 'commit', 'die'),
      afterMs: fc.integer({ min: 0, max: 4000 }),
      next: fc.nat(100),
    })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const group = simulatedGroup()
        try {
          for (const step of acts) {
            const before = group.committed()
            group.act(step)
            const after = group.committed()
            for (const [i, offset] of before.entries())
              expect(after[i] ?? 0n).toBeGreaterThanOrEqual(offset ?? 0n)
            const committers = group.committers()
            expect(new Set(committers).size).toBe(committers.length)
          }
        } finally {
          group.close()
        }
      }),
      { numRuns: 60 },
    )
  })
})

interface Act {
  readonly process: number
  readonly kind: string
  readonly afterMs: number
  readonly next: number
}

interface Member {
  readonly table: GroupTable
  readonly id: number
  /** What it believes to own. */
  readonly owned: readonly OwnedPartition[]
}

/** Three processes with a member each at most, under a clock of their own. */
const simulatedGroup = () => {
  const { tables, join: joinGroup, committed, close } = openGroups(3, 4)
  const members = new Map<number, Member>()
  let nowMs = 0
  const join = (process: number): void => {
    const table = tables[process] as GroupTable
    members.set(process, { table, id: joinGroup(table, nowMs), owned: [] })
  }
  const check = (process: number, member: Member): void => {
    const owned = member.table.rebalance('g', member.id, nowMs)
    if (owned === null) members.delete(process)
    else members.set(process, { ...member, owned })
  }
  const commitAll = ({ table, id, owned }: Member, next: number): readonly number[] =>
    owned
      .filter((partition) => table.commit('g', id, partition, next))
      .map(({ partitionId }) => partitionId)
  const actions: Readonly<Record<string, (process: number, member: Member, next: number) => void>> =
    {
      check,
      renew: (_, { table, id }) => table.renew([id], nowMs + LEASE_MS),
      commit: (_, member, next) => commitAll(member, next),
      leave: (process, { table, id }) => {
        table.leave(id)
        members.delete(process)
      },
      // Says nothing; its lease ends.
      die: (process) => members.delete(process),
    }
  return {
    close,
    committed,
    act: ({ process, kind, afterMs, next }: Act): void => {
      nowMs += afterMs
      const member = members.get(process)
      if (member === undefined && kind === 'join') join(process)
      else if (member !== undefined) actions[kind]?.(process, member, next)
    },
    /** Partitions that can be committed, once for each member that can. */
    committers: () => [...members.values()].flatMap((member) => commitAll(member, 0)),
  }
}
