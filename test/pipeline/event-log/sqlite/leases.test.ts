import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openGroupTable } from '../../../../pipeline/event-log/sqlite/group-table.ts'
import { type Leases, openLeases } from '../../../../pipeline/event-log/sqlite/leases.ts'
import { type LogFile, openLogFile } from '../../../../pipeline/event-log/sqlite/log-file.ts'
import { openTopicTable } from '../../../../pipeline/event-log/sqlite/topic-table.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('leases of this process', () => {
  let file: LogFile
  let leases: Leases
  let remove: () => void
  beforeEach(() => {
    vi.useFakeTimers()
    const temporary = temporaryFolder()
    remove = temporary.remove
    file = openLogFile(join(temporary.folder, 'log'), 1e9)
    openTopicTable(file).create([{ name: 't', partitions: 2, retentionHours: null }])
    leases = openLeases(openGroupTable(file), pino({ level: 'silent' }))
  })
  afterEach(() => {
    file.close()
    remove()
    vi.useRealTimers()
  })

  const joinGroup = (group: string) =>
    leases.join({ group, topics: [openTopicTable(file).find('t')], from: 'earliest' })
  const owns = (group: string, memberId: number): number | null =>
    openGroupTable(file).rebalance(group, memberId, Date.now())?.length ?? null

  test('renew themselves in every group however long the work takes', () => {
    const members = ['a', 'b'].map((group) => ({ group, ...joinGroup(group) }))
    vi.advanceTimersByTime(60 * 60 * 1000)
    for (const { group, memberId } of members) expect(owns(group, memberId)).toBe(2)
  })

  test('end for a member that left, and need no timer when all have left', () => {
    const [a, b] = [joinGroup('a'), joinGroup('b')]
    expect(owns('a', a.memberId)).toBe(2)
    a.leave()
    a.leave()
    expect(owns('a', a.memberId)).toBeNull()
    expect(owns('b', b.memberId)).toBe(2)
    expect(vi.getTimerCount()).toBe(1)
    leases.close()
    expect(owns('b', b.memberId)).toBeNull()
    expect(vi.getTimerCount()).toBe(0)
  })
})
