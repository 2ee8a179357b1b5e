import { ConfigError, InvalidInputError, TransientError } from '../../schemas/errors.ts'
import { type AttemptNotes, attemptAt, openAttemptNotes, placeOf } from './attempt-notes.ts'
import { sendToDeadLetter } from './decode-batch.ts'
import type { ConsumeOptions, ConsumerServices, RecordBatch } from './event-log.ts'
import { type PartOfBatch, partOf } from './part-of-batch.ts'
import { type Attempt, attemptsAt, endsProcesses, hasFailed, recordsTogether } from './suspicion.ts'

/** Handles a batch and commits what it has finished. `onWait` is called where the engines make it wait. */
export type Handle = (batch: RecordBatch, onWait: () => Promise<void>) => Promise<void>

export interface RecordGuard {
  /** As the consumer's own, which is called by it. */
  readonly onAssignment: NonNullable<ConsumeOptions['onAssignment']>
  /** Hands a batch to `handle`, in one piece or, where it is suspected, in several. */
  deliver(batch: RecordBatch, handle: Handle): Promise<void>
}

interface Guard {
  readonly services: ConsumerServices
  readonly options: ConsumeOptions
  readonly notes: AttemptNotes
  /** Unfinished attempts at the partitions that were begun, since the partitions were assigned. */
  readonly watched: Map<string, readonly Attempt[]>
}

/**
 * Keeps a record that ends its consumer from doing so for ever. What is in hand when a partition is begun is noted in the
 * log, and so is what was thrown. Records that ended attempts before are tried in smaller pieces, in the end alone; one
 * that throws again then, or ended the process again and again for five minutes, goes to the dead letters.
 */
export const guardRecords = (services: ConsumerServices, options: ConsumeOptions): RecordGuard => {
  const notes = openAttemptNotes(services, options.group)
  const watched: Guard['watched'] = new Map()
  const guard = { services, options, notes, watched }
  let read: ReturnType<AttemptNotes['unfinished']> | null = null
  return {
    onAssignment: (owned) => {
      read = null
      watched.clear()
      options.onAssignment?.(owned)
    },
    deliver: async (batch, handle) => {
      const place = placeOf(batch)
      const isBegun = watched.has(place)
      read ??= notes.unfinished()
      if (!isBegun) watched.set(place, (await read).get(place) ?? [])
      const first = batch.records[0]?.offset ?? 0n
      const isWatched = (watched.get(place) ?? []).some(({ last }) => last >= first)
      if (isBegun && !isWatched) await tryUnnoted(guard, batch, handle)
      else await tryInPieces(guard, batch, handle)
    },
  }
}

const tryInPieces = async (guard: Guard, batch: RecordBatch, handle: Handle): Promise<void> => {
  const { watched, options } = guard
  const place = placeOf(batch)
  for (let rest = batch.records; rest.length > 0 && !options.signal.aborted; ) {
    const offset = rest[0]?.offset ?? 0n
    const together = recordsTogether(watched.get(place) ?? [], offset, rest.length)
    const part = partOf(batch, rest.slice(0, together))
    await tryNoted(guard, part, handle)
    if (part.isLost()) return
    rest = rest.slice(together)
  }
}

const tryNoted = async (guard: Guard, part: PartOfBatch, handle: Handle): Promise<void> => {
  const { notes, watched } = guard
  const before = watched.get(placeOf(part)) ?? []
  const offset = part.records[0]?.offset ?? 0n
  const isAlone = part.records.length === 1
  if (isAlone && endsProcesses(before, offset))
    return passOver(guard, part, 'the process ended without a word')
  const begun = await notes.begun(part)
  let isOver = false
  const over = async (): Promise<void> => {
    if (!isOver) await notes.over(part, [begun])
    isOver = true
  }
  try {
    await handle(part, over)
    // Also what is committed: whoever sets offsets back would find it unfinished each time.
    await over()
  } catch (error) {
    if (!isOfTheRecords(error)) {
      await over()
      throw error
    }
    if (!isAlone || !hasFailed(before, offset)) {
      await notes.failed(part, begun, error)
      throw error
    }
    await over()
    await passOver(guard, part, String(error))
  }
}

/** Once a partition is well begun only what is thrown is noted: a note for each batch would cost an append each. */
const tryUnnoted = async (guard: Guard, batch: RecordBatch, handle: Handle): Promise<void> => {
  try {
    await handle(batch, async () => undefined)
  } catch (error) {
    if (isOfTheRecords(error)) await guard.notes.failed(batch, attemptAt(batch), error)
    throw error
  }
}

const passOver = async (guard: Guard, part: PartOfBatch, why: string): Promise<void> => {
  const { services, options, notes, watched } = guard
  const [record] = part.records
  if (record === undefined) return
  const place = placeOf(part)
  const before = watched.get(place) ?? []
  const involved = attemptsAt(before, record.offset)
  const reason = `${why} (after ${involved.length} attempts)`
  const error = new InvalidInputError('record-poisonous', reason)
  const consumer = options.group.replace(/^neosigma-/, '')
  await sendToDeadLetter(services, consumer, { ...record, attempts: involved.length + 1 }, error)
  await part.commit()
  // The next record that fails is at fault only where it has failed before itself.
  await notes.over(part, involved)
  watched.set(
    place,
    before.filter((one) => !involved.includes(one)),
  )
}

/** What the configuration or the engines are at fault for says nothing about the records. */
const isOfTheRecords = (error: unknown): boolean =>
  !(error instanceof ConfigError || error instanceof TransientError) &&
  !(error instanceof InvalidInputError && error.code === 'topic-unknown')
