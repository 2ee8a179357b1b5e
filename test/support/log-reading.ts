import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import type {
  ConsumeOptions,
  EventLog,
  EventLogServices,
  NewRecord,
  RecordBatch,
  StoredRecord,
} from '../../pipeline/event-log/event-log.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'

export const testServices = (): EventLogServices => ({
  clock: systemClock,
  logger: pino({ level: 'silent' }),
  metrics: openMetrics(),
})

const text = new TextEncoder()

export const aRecord = (topic: string, overrides: Partial<NewRecord> = {}): NewRecord => ({
  topic,
  key: 'key',
  value: text.encode('value'),
  ...overrides,
})

/** Records 0 … count − 1 of a topic, their number as value, their key `k0` … `k{keys − 1}` in turn. */
export const numbered = (topic: string, count: number, keys = 7, first = 0): NewRecord[] =>
  Array.from({ length: count }, (_, i) =>
    aRecord(topic, { key: `k${(first + i) % keys}`, value: text.encode(String(first + i)) }),
  )

export const textOf = ({ value }: StoredRecord): string => Buffer.from(value).toString()

export const numbersOf = (records: readonly StoredRecord[]): number[] =>
  records.map((record) => Number(textOf(record))).sort((a, b) => a - b)

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** A fresh topic, so that tests on a shared broker do not meet. */
export const aTopic = async (log: EventLog, partitions = 12): Promise<string> => {
  const name = `test.${randomUUID()}`
  await log.createTopics([{ name, partitions, retentionHours: null }])
  return name
}

export interface Reading {
  /** Everything delivered so far, in order of delivery. */
  readonly records: StoredRecord[]
  /** Owned partitions of the first topic, as last reported. */
  owned(): readonly number[]
  /** Resolves when the iteration has ended by itself or by `stop`. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

export type ReadOptions = Partial<ConsumeOptions> & Pick<ConsumeOptions, 'group' | 'topics'>

/** Consumes in the background until stopped or the test is over. Commits each batch unless told otherwise. */
export const startReading = (
  log: EventLog,
  options: ReadOptions,
  handle: (batch: RecordBatch) => Promise<unknown> = (batch) => batch.commit(),
): Reading => {
  const stopping = new AbortController()
  const records: StoredRecord[] = []
  let owned: readonly number[] = []
  const read = async (): Promise<void> => {
    const batches = log.consume({
      signal: stopping.signal,
      onAssignment: (assigned) => {
        owned = assigned.get(options.topics[0] ?? '') ?? []
      },
      ...options,
    })
    for await (const batch of batches) {
      records.push(...batch.records)
      await handle(batch)
    }
  }
  const ended = read()
  const stop = async (): Promise<void> => {
    stopping.abort()
    await ended
  }
  onTestFinished(stop)
  return { records, owned: () => owned, ended, stop }
}

/** The first batch that a new member of the group is given, and what ends its membership. */
export const firstBatch = async (
  log: EventLog,
  options: ReadOptions,
): Promise<{ readonly batch: RecordBatch; readonly leave: () => Promise<unknown> }> => {
  const stopping = new AbortController()
  const batches = log.consume({ signal: stopping.signal, ...options })[Symbol.asyncIterator]()
  const { value, done } = await batches.next()
  if (done === true) throw new Error('the iteration ended without a batch')
  const leave = async (): Promise<unknown> => {
    stopping.abort()
    return batches.return?.()
  }
  return { batch: value, leave }
}

export interface CommittedWatch {
  /** Places where a committed offset was seen to move back; ends the watching. */
  movedBack(): Promise<readonly string[]>
}

/** Looks at the committed offsets of a group again and again. */
export const watchCommitted = (log: EventLog, group: string): CommittedWatch => {
  const stopping = new AbortController()
  const highest = new Map<string, bigint>()
  const moved: string[] = []
  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      for (const { topic, partition, committed } of await log.lag(group).catch(() => [])) {
        const place = `${topic}/${partition}`
        const before = highest.get(place) ?? 0n
        if ((committed ?? before) < before) moved.push(`${place}: ${before} to ${committed}`)
        highest.set(place, committed ?? before)
      }
      await systemClock.sleep(50, stopping.signal)
    }
  }
  const ended = watch()
  onTestFinished(() => stopping.abort())
  return {
    movedBack: async () => {
      stopping.abort()
      await ended
      return moved
    },
  }
}

/** Waits for a state that must come; `withinMs` bounds how long a broken implementation may keep the test. */
export const eventually = async (holds: () => boolean | Promise<boolean>, withinMs = 20_000) => {
  for (const endMs = Date.now() + withinMs; Date.now() < endMs; ) {
    if (await holds()) return
    await systemClock.sleep(20)
  }
  throw new Error(`not within ${withinMs} ms: ${holds.toString()}`)
}
