import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventLogServices } from '../event-log.ts'
import { type LogFile, transact } from './log-file.ts'
import { placeOf } from './place.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

const EVERY_MS = 60_000
const HOUR_MS = 3_600_000
/** A step deletes so much at once, so that others never wait long for the file. */
const STEP_RECORDS = 500
const STEP_BYTES = 16 * 1024 * 1024

export interface Retention {
  /** Deletes what has expired now; also runs by itself once a minute. */
  run(): Promise<void>
  close(): Promise<void>
}

export const openRetention = (file: LogFile, { clock, logger }: EventLogServices): Retention => {
  const expire = expiry(file)
  const closing = new AbortController()
  let running: Promise<unknown> = Promise.resolve()
  const run = (): Promise<void> => {
    const done = running.then(() => expire(clock.nowMs(), closing.signal))
    running = done.catch(() => undefined)
    return done
  }
  const runAndReport = async (): Promise<void> => {
    try {
      await run()
    } catch (error) {
      logger.warn({ err: translateSqliteError(error) }, 'expired records are not deleted')
    }
  }
  const timer = setInterval(runAndReport, EVERY_MS)
  // A log that was full when it was closed may have room now.
  void runAndReport()
  return {
    run,
    close: async () => {
      clearInterval(timer)
      closing.abort()
      await running
    },
  }
}

interface ExpiringPartition {
  readonly partitionId: number
  readonly retentionHours: number
}

/**
 * Deletes what is older than its topic keeps, from the beginning of each partition up to the first record that is not:
 * nothing younger is ever deleted, wherever the clock went. Also forgets groups that have neither members nor offsets,
 * as views leave them behind when their process is killed.
 */
const expiry = ({ state: db }: LogFile) => {
  const selectPartitions = db.prepare(
    `SELECT partition.id AS partitionId, retention_hours AS retentionHours
     FROM partition JOIN topic ON topic.id = topic_id WHERE retention_hours IS NOT NULL`,
  )
  const selectOldest = db.prepare(
    `SELECT place, appended_ms AS appendedMs, length(value) AS bytes FROM record
     WHERE place >= ? AND place < ? ORDER BY place LIMIT ?`,
  )
  const remove = db.prepare('DELETE FROM record WHERE place >= ? AND place <= ?')
  const removeGroups = db.prepare(
    `DELETE FROM ownership WHERE group_name IN
     (SELECT group_name FROM ownership GROUP BY group_name HAVING max(committed) IS NULL)
     AND group_name NOT IN (SELECT group_name FROM member)`,
  )

  const expiredEnd = (partitionId: number, cutoffMs: number): number | null => {
    const [from, end] = [placeOf(partitionId, 0), placeOf(partitionId + 1, 0)]
    let last: number | null = null
    let bytes = 0
    for (const row of selectOldest.iterate(from, end, STEP_RECORDS)) {
      if (Number(row['appendedMs']) >= cutoffMs || bytes > STEP_BYTES) break
      bytes += Number(row['bytes'])
      last = Number(row['place'])
    }
    return last
  }

  return async (nowMs: number, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return
    transact(db, () => removeGroups.run())
    const partitions = selectPartitions.all() as unknown as readonly ExpiringPartition[]
    for (const { partitionId, retentionHours } of partitions) {
      const cutoffMs = nowMs - retentionHours * HOUR_MS
      for (;;) {
        const last = signal.aborted ? null : expiredEnd(partitionId, cutoffMs)
        if (last === null) break
        transact(db, () => remove.run(placeOf(partitionId, 0), last))
        await nextTurn()
      }
    }
  }
}
