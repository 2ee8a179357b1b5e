import { followTopic } from '../../pipeline/event-log/follow-topic.ts'
import { runConsumer } from '../../pipeline/event-log/run-consumer.ts'
import { loopRole } from '../../pipeline/service-runtime/loop-role.ts'
import type { Role, RoleContext } from '../../pipeline/service-runtime/role.ts'
import { TransientError } from '../../schemas/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { openEmbedder } from '../embedding/open-embedder.ts'
import { fixesUnderWay } from './fixes-under-way.ts'
import { handleRuns } from './handle-runs.ts'
import { createMiner } from './miner-services.ts'
import { diagnoseAll, publishRound, reclusterDue } from './rounds.ts'

export const MINER_GROUP = 'neosigma-miner'
const BATCH_RUNS = 500
const LONGEST_TICK_MS = 250
const PUBLISH_TICK_MS = 100
/** What a diagnosis asks of the store, failures that come in wait for. */
const DIAGNOSIS_REST = 4

/** Failed runs in, clusters with their ranking out. One miner works at a time: see the README. */
export const startMiner = async (context: RoleContext): Promise<Role> => {
  const fixes = fixesUnderWay()
  const miner = createMiner(
    context,
    await openEmbedder(context.configuration, context.model),
    fixes,
  )
  let owned = 0
  // Who has imported runs waits for it: at 0 the ranking is of the last clustering of all of them.
  context.metrics.gauge('neosigma.miner.unclustered.agents', () =>
    owned > 0 ? miner.unclustered() : 0,
  )
  const consume = (signal: AbortSignal): Promise<void> =>
    runConsumer(
      context,
      {
        group: MINER_GROUP,
        topics: [TOPICS.runs.name],
        maxRecords: BATCH_RUNS,
        signal,
        onAssignment: (topics) => {
          owned = topics.get(TOPICS.runs.name)?.length ?? 0
          // Whoever had the partitions before has stored what it did.
          miner.forget()
        },
      },
      (batch) => handleRuns(miner, batch),
    )
  const tickMs = Math.min(LONGEST_TICK_MS, context.configuration.miner.reclusterMs)
  const whileOwner =
    (name: string, round: () => Promise<void>, { everyMs = tickMs, rest = 0 } = {}) =>
    (signal: AbortSignal) =>
      repeat(context, { name, everyMs, rest, signal }, async () => {
        if (owned > 0) await round()
      })
  return loopRole({
    name: 'miner',
    logger: context.logger,
    run: async (signal) => {
      const cycles = followTopic(context, {
        topic: TOPICS.cycleEvents,
        consumer: 'miner',
        signal,
        onEvent: fixes.see,
      })
      // Whose fix is under way is to be known before anybody joins a cluster.
      await cycles.caughtUp
      await Promise.all([
        cycles.ended,
        consume(signal),
        whileOwner('publication', () => publishRound(miner), { everyMs: PUBLISH_TICK_MS })(signal),
        whileOwner('re-clustering', () => reclusterDue(miner))(signal),
        whileOwner('diagnosis', () => diagnoseAll(miner), { rest: DIAGNOSIS_REST })(signal),
      ])
    },
    notReady: () => (owned > 0 ? [] : ['no partition of the runs is assigned']),
  })
}

interface Repetition {
  readonly name: string
  readonly everyMs: number
  /** The pause is at least so many times as long as the round took. */
  readonly rest: number
  readonly signal: AbortSignal
}

/** A loop of rounds with a pause. What passes is tried again in the next round, with growing pauses. */
const repeat = async (
  { clock, logger }: RoleContext,
  { name, everyMs, rest, signal }: Repetition,
  round: () => Promise<void>,
): Promise<void> => {
  let pauseMs = everyMs
  while (!signal.aborted) {
    await clock.sleep(pauseMs, signal)
    if (signal.aborted) return
    const startedMs = clock.nowMs()
    try {
      await round()
      pauseMs = Math.max(everyMs, rest * (clock.nowMs() - startedMs))
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
      pauseMs = Math.min(pauseMs * 2, 15_000)
      logger.warn({ err: error, pauseMs }, `${name} is tried again`)
    }
  }
}
