import type { Logger } from 'pino'
import { TransientError } from '../../../schemas/errors.ts'
import type { ChangeSignal } from './change-signal.ts'
import type { GroupTable } from './group-table.ts'
import type { Leases } from './leases.ts'
import type { PartitionReader } from './read-records.ts'
import type { TopicTable } from './topic-table.ts'
import { translateSqliteError } from './translate-sqlite-error.ts'

/** What everything on one open log shares. */
export interface Session {
  readonly topics: TopicTable
  readonly groups: GroupTable
  readonly leases: Leases
  readonly reader: PartitionReader
  readonly changes: ChangeSignal
  readonly logger: Logger
  /** Aborts when the log is closed. */
  readonly closing: AbortSignal
}

/** Runs statements with errors that callers can act on. */
export const translated = <Result>(closing: AbortSignal, work: () => Result): Result => {
  if (closing.aborted) throw new TransientError('log-unavailable', 'The event log is closed.')
  try {
    return work()
  } catch (error) {
    throw translateSqliteError(error)
  }
}
