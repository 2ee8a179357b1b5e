import { setTimeout as pause } from 'node:timers/promises'
import { TransientError } from '../../../schemas/errors.ts'
import type { Generation, Membership } from './membership.ts'
import { isOwnershipLost, isRebalancing, translateKafkaError } from './translate-kafka-error.ts'

export interface Commit {
  /** In which the records were delivered. */
  readonly generation: Generation
  readonly topic: string
  readonly partition: number
  /** The next offset to read. */
  readonly next: bigint
  /** Sends it in that generation; false where the generation has ended before. */
  send(): Promise<boolean>
}

export interface Commits {
  /** False when the ownership under which the records were delivered has ended. */
  commit(commit: Commit): Promise<boolean>
  /** Resolves when no commit is under way. */
  settled(): Promise<void>
}

export const HEARTBEAT_MS = 1000
/** A broker that comes back is waited for so long. */
const PATIENCE_MS = 30_000
const RETRY_MS = 500

/**
 * Commits one after the other, forward only, and only in the generation that delivered the records: Kafka itself lets any
 * member move any partition of the group, back as well as forward.
 */
export const openCommits = (membership: Membership): Commits => {
  let last: Promise<unknown> = Promise.resolve()
  return {
    commit: (commit) => {
      const result = last.then(() => commitOnce(membership, commit))
      last = result.catch(() => undefined)
      return result
    },
    settled: async () => {
      await last
    },
  }
}

const commitOnce = async (membership: Membership, commit: Commit): Promise<boolean> => {
  const { generation, topic, partition, next } = commit
  const place = `${topic}/${partition}`
  for (const endMs = Date.now() + PATIENCE_MS; ; ) {
    if (membership.generation !== generation) return false
    if ((generation.committed.get(place) ?? 0n) >= next) return true
    try {
      if (!(await commit.send())) return false
      generation.committed.set(place, next)
      return true
    } catch (error) {
      if (isOwnershipLost(error) || isRebalancing(error)) return false
      await pauseOrThrow(translateKafkaError(error, `commit of ${place}`), endMs)
    }
  }
}

const pauseOrThrow = async (error: Error, endMs: number): Promise<void> => {
  if (!(error instanceof TransientError) || Date.now() > endMs) throw error
  await pause(RETRY_MS)
}
