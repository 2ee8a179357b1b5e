import { setTimeout as pause } from 'node:timers/promises'
import type { Consumer } from '@platformatic/kafka'
import { TransientError } from '../../../schemas/errors.ts'
import type { Membership } from '../kafka/membership.ts'
import { translateKafkaError } from '../kafka/translate-kafka-error.ts'
import { type End, openEnd } from './open-end.ts'

/** Whether a member is in its group, kept up to date. */
export interface Joined {
  /** null while the session lives; then with the error that ended it, if any did. */
  readonly ended: { readonly error: Error | null } | null
  /** Resolves at the next change of the membership, or at the end. */
  untilChange(): Promise<void>
  /** What the work brings, or null where the session ends before. */
  readonly unlessEnded: End['unless']
  /** Called by the library before each request to join: from its answer on nothing is owned. */
  beforeJoin(): Promise<Buffer>
  start(): void
  close(): void
  fail(error: Error): void
}

/**
 * How long the batch at hand may be finished and committed when others join or leave. The library sends no heartbeats
 * meanwhile, so this stays within the session.
 */
const FINISH_MS = 6000
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 2000
/** Then the session is given up, and the next one is begun aloud. */
const TRIES = 20

/** Joins, and joins again after whatever ends a membership; `untilFree` waits for the batch at hand. */
export const keepJoined = (
  consumer: Consumer,
  membership: Membership,
  untilFree: () => Promise<void>,
): Joined => {
  let ended: Joined['ended'] = null
  let change = Promise.withResolvers<void>()
  const end = openEnd()
  let isJoining = false
  let memberId: string | null = null
  const changed = (): void => {
    const { resolve } = change
    change = Promise.withResolvers<void>()
    resolve()
  }
  const finish = (error: Error | null): void => {
    if (error !== null) membership.end(true)
    ended ??= { error }
    end.reach()
    changed()
  }
  const join = async (): Promise<void> => {
    if (isJoining) return
    isJoining = true
    const error = await joinPatiently(consumer, () => ended !== null)
    isJoining = false
    if (error !== null) finish(error)
  }
  consumer.on('consumer:group:join', (payload) => {
    ;({ memberId } = payload)
    const assigned = payload.assignments ?? []
    membership.begin(
      Object.fromEntries(assigned.map(({ topic, partitions }) => [topic, partitions])),
    )
    changed()
  })
  // A membership that ended, and a request to join that failed then: nothing comes of it by itself.
  consumer.on('error', () => void join())
  return {
    get ended() {
      return ended
    },
    untilChange: () => change.promise,
    unlessEnded: end.unless,
    beforeJoin: async () => {
      if (membership.generation !== null && consumer.memberId === memberId) {
        membership.noteRebalance()
        changed()
        await within(FINISH_MS, untilFree())
      }
      membership.end(false)
      changed()
      return Buffer.alloc(0)
    },
    start: () => void join(),
    close: () => finish(null),
    fail: finish,
  }
}

const joinPatiently = async (consumer: Consumer, isOver: () => boolean): Promise<Error | null> => {
  for (let failures = 1; !isOver(); failures++) {
    try {
      await consumer.joinGroup({})
      return null
    } catch (cause) {
      const error = translateKafkaError(cause, `group ${consumer.groupId}`)
      if (isOver()) return null
      if (!(error instanceof TransientError) || failures === TRIES) return error
      await pause(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS))
    }
  }
  return null
}

const within = async (ms: number, work: Promise<unknown>): Promise<void> => {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([work, late])
  clearTimeout(timer)
}
