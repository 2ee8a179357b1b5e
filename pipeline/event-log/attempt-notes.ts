import { randomUUID } from 'node:crypto'
import { decodeEvent, encodeEvent } from '../../schemas/cloud-event.ts'
import { InvalidInputError, NeoSigmaError } from '../../schemas/errors.ts'
import type { AttemptNote } from '../../schemas/operation-events.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { isoOf } from '../service-runtime/clock.ts'
import type { ConsumerServices, RecordBatch } from './event-log.ts'
import type { Attempt } from './suspicion.ts'

type Noted = Pick<Attempt, 'id' | 'first' | 'last'>
type Place = Pick<RecordBatch, 'topic' | 'partition'>

export const placeOf = ({ topic, partition }: Place): string => `${topic}/${partition}`

/** What a group has noted of its attempts, kept in the log itself so that the next process finds it. */
export interface AttemptNotes {
  /** Unfinished attempts, by `placeOf` their partition. */
  unfinished(): Promise<ReadonlyMap<string, readonly Attempt[]>>
  begun(batch: RecordBatch): Promise<Noted>
  failed(place: Place, attempt: Noted, error: unknown): Promise<void>
  /** They were not at fault, or have been dealt with. */
  over(place: Place, attempts: readonly Noted[]): Promise<void>
}

/**
 * Notes are kept at best effort: a log that is full or away must not keep a consumer from its work, and without them a
 * record is only tried again more often.
 */
export const openAttemptNotes = (services: ConsumerServices, group: string): AttemptNotes => {
  const { log, logger, clock } = services
  const atBest = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act()
    } catch (error) {
      if (!(error instanceof NeoSigmaError)) throw error
      logger.warn({ group, err: error }, 'attempts are not noted')
    }
  }
  const note = (
    { topic, partition }: Place,
    attempts: readonly Noted[],
    more: Pick<AttemptNote, 'state' | 'reason'>,
  ): Promise<void> => {
    const time = isoOf(clock.nowMs())
    const notes = attempts.map(({ id, first, last }): AttemptNote => {
      return {
        ...{ id, group, topic, partition, ...more, at: time },
        first: String(first),
        last: String(last),
      }
    })
    return atBest(() =>
      log.append(
        notes.map((of) =>
          encodeEvent(TOPICS.attempts, of, {
            id: `${of.id}-${of.state}`,
            source: `/neosigma/${group}`,
            time,
            key: group,
          }),
        ),
      ),
    )
  }
  return {
    unfinished: async () => {
      let found: ReadonlyMap<string, readonly Attempt[]> = new Map()
      await atBest(async () => {
        found = await readUnfinished(services, group)
      })
      return found
    },
    begun: async (batch) => {
      const attempt = attemptAt(batch)
      await note(batch, [attempt], { state: 'begun', reason: '' })
      return attempt
    },
    failed: (place, attempt, error) =>
      note(place, [attempt], { state: 'failed', reason: String(error) }),
    over: (place, attempts) => note(place, attempts, { state: 'over', reason: '' }),
  }
}

export const attemptAt = ({ records }: Pick<RecordBatch, 'records'>): Noted => ({
  id: randomUUID(),
  first: records[0]?.offset ?? 0n,
  last: records.at(-1)?.offset ?? 0n,
})

const readUnfinished = async (
  { log }: ConsumerServices,
  group: string,
): Promise<ReadonlyMap<string, readonly Attempt[]>> => {
  const attempts = new Map<string, Attempt & { readonly place: string }>()
  for await (const record of log.readAll(TOPICS.attempts.name)) {
    const note = decodeNote(record)
    if (note?.group !== group) continue
    if (note.state === 'over') attempts.delete(note.id)
    else
      attempts.set(note.id, {
        id: note.id,
        place: placeOf(note),
        first: BigInt(note.first),
        last: BigInt(note.last),
        atMs: Date.parse(note.at),
        failure: note.state === 'failed' ? note.reason : null,
      })
  }
  return Map.groupBy(attempts.values(), ({ place }) => place)
}

/** A note that is none is passed over: it must not do to its readers what it is there to prevent. */
const decodeNote = (record: Parameters<typeof decodeEvent>[1]): AttemptNote | null => {
  try {
    return decodeEvent(TOPICS.attempts, record)
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return null
  }
}
