import { setImmediate as nextTurn } from 'node:timers/promises'
import { InvalidInputError, TransientError } from '../../schemas/errors.ts'
import type { NewRecord } from './event-log.ts'
import { checkRecordSize, recordBytes } from './record-size.ts'

/** Stores records in the given order; resolves when they are durable. */
export type Flush = (records: readonly NewRecord[]) => void | Promise<void>

export interface AppendQueue {
  append(records: readonly NewRecord[]): Promise<void>
  /** Refuses new records and resolves when the last one is stored or refused. */
  close(): Promise<void>
}

interface Pending {
  readonly records: readonly NewRecord[]
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Group commit: appends that arrive while one is being stored are stored together with the next, in order of arrival,
 * so that many small appends share the price of one durable write. `flushBytes` bounds what is taken together.
 */
export const openAppendQueue = (flush: Flush, flushBytes: number): AppendQueue => {
  const waiting: Pending[] = []
  let running: Promise<void> | null = null
  let closed = false

  const run = async (): Promise<void> => {
    await nextTurn()
    while (waiting.length > 0) {
      await flushTogether(flush, takeGroup(waiting, flushBytes))
      await nextTurn()
    }
    running = null
  }

  return {
    append: async (records) => {
      if (closed) throw new TransientError('log-unavailable', 'The event log is closed.')
      if (records.length === 0) return
      for (const record of records) checkRecordSize(record)
      const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0)
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.push({ records, bytes, resolve, reject })
      running ??= run()
      await promise
    },
    close: async () => {
      closed = true
      await running
    },
  }
}

const takeGroup = (waiting: Pending[], flushBytes: number): readonly Pending[] => {
  let bytes = 0
  const end = waiting.findIndex((pending, i) => {
    bytes += pending.bytes
    return i > 0 && bytes > flushBytes
  })
  return waiting.splice(0, end === -1 ? waiting.length : end)
}

const flushTogether = async (flush: Flush, group: readonly Pending[]): Promise<void> => {
  try {
    await flush(group.flatMap(({ records }) => records))
    for (const { resolve } of group) resolve()
  } catch (error) {
    // One caller's unusable input must not fail its neighbours.
    if (error instanceof InvalidInputError && group.length > 1)
      for (const pending of group) await flushTogether(flush, [pending])
    else for (const { reject } of group) reject(error)
  }
}
