import type { ConsumeOptions } from '../event-log.ts'
import { type GroupMember, type GroupPartition, planRebalance } from './fair-share.ts'
import { type LogFile, transact } from './log-file.ts'
import { isProcessGone, thisProcess } from './process-identity.ts'
import type { StoredTopic } from './topic-table.ts'

export interface NewMember {
  readonly group: string
  readonly topics: readonly StoredTopic[]
  readonly from: NonNullable<ConsumeOptions['from']>
  readonly leaseUntilMs: number
}

/** A partition that a member owns. The epoch counts the owners: it tells an ownership from every other one. */
export interface OwnedPartition {
  readonly partitionId: number
  readonly epoch: number
  /** The next offset to read; null before the first commit of the group. */
  readonly committed: number | null
}

export interface GroupTable {
  join(member: NewMember): number
  /** Prolongs the leases; answers with the members that still exist. */
  renew(memberIds: readonly number[], leaseUntilMs: number): ReadonlySet<number>
  leave(memberId: number): void
  /**
   * Removes members that are gone, gives back and takes what is this member's share; all that it owns afterwards, or
   * null when the others have removed it, because its lease had ended.
   */
  rebalance(group: string, memberId: number, nowMs: number): readonly OwnedPartition[] | null
  /** Moves the group's offset forward, never back. False when this ownership has ended. */
  commit(group: string, memberId: number, owned: OwnedPartition, next: number): boolean
}

interface GroupState {
  readonly live: readonly GroupMember[]
  readonly gone: readonly number[]
  readonly partitions: readonly (GroupPartition & OwnedPartition)[]
}

/** Groups in the file: every change is one transaction, so that processes see each other's whole steps only. */
export const openGroupTable = (file: LogFile): GroupTable => {
  const { state: db } = file
  const members = memberStatements(file)
  const selectOwnership = db.prepare(
    `SELECT partition_id AS id, partition_id AS partitionId, topic_id AS topicId, member_id AS ownerId, epoch, committed
     FROM ownership JOIN partition ON partition.id = partition_id WHERE group_name = ? ORDER BY partition_id`,
  )
  const release = db.prepare(
    'UPDATE ownership SET member_id = NULL WHERE group_name = ? AND partition_id = ? AND member_id = ?',
  )
  const take = db.prepare(
    'UPDATE ownership SET member_id = ?, epoch = epoch + 1 WHERE group_name = ? AND partition_id = ?',
  )
  const commit = db.prepare(
    `UPDATE ownership SET committed = max(coalesce(committed, 0), ?)
     WHERE group_name = ? AND partition_id = ? AND member_id = ? AND epoch = ?`,
  )
  const stateOf = (group: string, nowMs: number): GroupState => ({
    ...members.of(group, nowMs),
    partitions: selectOwnership.all(group) as unknown as GroupState['partitions'],
  })
  const change = (group: string, memberId: number, nowMs: number): GroupState => {
    const state = stateOf(group, nowMs)
    state.gone.forEach(members.remove)
    const plan = planOf(state, memberId)
    for (const partitionId of plan?.release ?? []) release.run(group, partitionId, memberId)
    for (const partitionId of plan?.take ?? []) take.run(memberId, group, partitionId)
    return stateOf(group, nowMs)
  }

  return {
    join: (member) => transact(db, () => members.add(member)),
    renew: members.renew,
    leave: (memberId) => transact(db, () => members.remove(memberId)),
    rebalance: (group, memberId, nowMs) => {
      const before = stateOf(group, nowMs)
      // Nearly always there is nothing to change: then nothing is locked and nobody is woken.
      const { live, partitions } = needsChange(before, memberId)
        ? transact(db, () => change(group, memberId, nowMs))
        : before
      if (live.every(({ id }) => id !== memberId)) return null
      return partitions.filter(({ ownerId }) => ownerId === memberId)
    },
    commit: (group, memberId, { partitionId, epoch }, next) =>
      commit.run(next, group, partitionId, memberId, epoch).changes === 1,
  }
}

const planOf = ({ live, partitions }: GroupState, memberId: number) => {
  const me = live.find(({ id }) => id === memberId)
  return me === undefined ? null : planRebalance(me, live, partitions)
}

const needsChange = (state: GroupState, memberId: number): boolean => {
  const plan = planOf(state, memberId)
  return state.gone.length > 0 || (plan?.release.length ?? 0) > 0 || (plan?.take.length ?? 0) > 0
}

const memberStatements = ({ state: db }: LogFile) => {
  const insert = db.prepare(
    'INSERT INTO member (group_name, host, pid, lease_until_ms) VALUES (?, ?, ?, ?) RETURNING id',
  )
  const subscribe = db.prepare('INSERT INTO subscription (member_id, topic_id) VALUES (?, ?)')
  // A group that begins at the end is held there at once: else a crash before its first commit would lose records.
  const insertOwnership = db.prepare(
    `INSERT INTO ownership (group_name, partition_id, committed)
     SELECT ?, id, CASE ? WHEN 'latest' THEN next_offset END FROM partition WHERE topic_id = ? ON CONFLICT DO NOTHING`,
  )
  const select = db.prepare(
    `SELECT id, host, pid, lease_until_ms AS leaseUntilMs, json_group_array(topic_id) AS topicIds
     FROM member JOIN subscription ON member_id = id WHERE group_name = ? GROUP BY id ORDER BY id`,
  )
  const renew = db.prepare(
    'UPDATE member SET lease_until_ms = ? WHERE id IN (SELECT value FROM json_each(?)) RETURNING id',
  )
  const removals = [
    'UPDATE ownership SET member_id = NULL WHERE member_id = ?',
    'DELETE FROM subscription WHERE member_id = ?',
    'DELETE FROM member WHERE id = ?',
  ].map((sql) => db.prepare(sql))

  return {
    add: ({ group, topics, from, leaseUntilMs }: NewMember): number => {
      const { host, pid } = thisProcess
      const id = Number(insert.get(group, host, pid, leaseUntilMs)?.['id'])
      for (const topic of topics) {
        insertOwnership.run(group, from, topic.id)
        subscribe.run(id, topic.id)
      }
      return id
    },
    of: (group: string, nowMs: number): Pick<GroupState, 'live' | 'gone'> => {
      const rows = select.all(group) as unknown as readonly MemberRow[]
      const isGone = (row: MemberRow): boolean => row.leaseUntilMs <= nowMs || isProcessGone(row)
      return {
        live: rows
          .filter((row) => !isGone(row))
          .map(({ id, topicIds }) => ({ id, topicIds: JSON.parse(topicIds) as number[] })),
        gone: rows.filter(isGone).map(({ id }) => id),
      }
    },
    renew: (memberIds: readonly number[], leaseUntilMs: number): ReadonlySet<number> =>
      new Set(renew.all(leaseUntilMs, JSON.stringify(memberIds)).map((row) => Number(row['id']))),
    remove: (memberId: number): void => {
      for (const statement of removals) statement.run(memberId)
    },
  }
}

interface MemberRow {
  readonly id: number
  readonly host: string
  readonly pid: number
  readonly leaseUntilMs: number
  readonly topicIds: string
}
