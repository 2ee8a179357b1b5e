import { runConsumer } from '../../pipeline/event-log/run-consumer.ts'
import { loopRole } from '../../pipeline/service-runtime/loop-role.ts'
import type { Role, RoleContext } from '../../pipeline/service-runtime/role.ts'
import { TransientError } from '../../schemas/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { assemblyRounds } from './assembly-rounds.ts'
import { expirySweeps } from './expire-signals.ts'
import { judgeRuns } from './judge-runs.ts'
import { takeSignals } from './take-signals.ts'

export const RUNS_GROUP = 'neosigma-runs'
const BATCH_SIGNALS = 1000
const LONGEST_PAUSE_MS = 15_000

/** Signals in; spans, logs and signals of one trace out as one run, scored and labelled. */
export const startRuns = async (context: RoleContext): Promise<Role> => {
  const { log, logger } = context
  const partitions = await log.partitionsOf(TOPICS.signals.name)
  let owned: readonly number[] = []
  return loopRole({
    name: 'runs',
    logger,
    run: async (signal) => {
      await Promise.all([
        runConsumer(
          context,
          {
            group: RUNS_GROUP,
            topics: [TOPICS.signals.name],
            maxRecords: BATCH_SIGNALS,
            signal,
            onAssignment: (topics) => {
              owned = topics.get(TOPICS.signals.name) ?? []
            },
          },
          (batch) => takeSignals(context, batch),
        ),
        assemble(context, { partitions, owned: () => owned }, signal),
        expire(context, () => owned.includes(0), signal),
        judgeRuns(context, () => owned.includes(0), signal),
      ])
    },
    notReady: () => (owned.length > 0 ? [] : ['no partition of the signals is assigned']),
  })
}

interface OwnedShare {
  readonly partitions: number
  readonly owned: () => readonly number[]
}

/** Rounds of assembly over the traces of the partitions owned, with a pause when there is nothing to do. */
const assemble = async (
  context: RoleContext,
  { partitions, owned }: OwnedShare,
  signal: AbortSignal,
): Promise<void> => {
  const { clock, configuration, logger } = context
  const { pollMs, quietMs } = configuration.runs
  // With nothing to do one looks less often; a run that waits for quiet waits half as long again at most.
  const idleMs = Math.max(pollMs, quietMs / 2)
  let assigned: readonly number[] | null = null
  let rounds = assemblyRounds(context, { partitions, owned: [] })
  let pauseMs = pollMs
  while (!signal.aborted) {
    if (assigned !== owned()) {
      assigned = owned()
      rounds = assemblyRounds(context, { partitions, owned: assigned })
    }
    try {
      const isOwner = (): boolean => assigned === owned() && !signal.aborted
      const finished = assigned.length === 0 ? 0 : await rounds.round(isOwner)
      pauseMs = finished > 0 ? 0 : Math.min(Math.max(pollMs, pauseMs * 1.5), idleMs)
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
      pauseMs = Math.min(Math.max(pauseMs, pollMs) * 2, LONGEST_PAUSE_MS)
      context.metrics.count('neosigma.runs.waits', 1, { code: error.code })
      logger.warn({ err: error, pauseMs }, 'assembly waits for the engines')
    }
    if (pauseMs > 0) await clock.sleep(pauseMs, signal)
  }
}

/** Whoever owns the first partition looks after all signals. */
const expire = async (
  context: RoleContext,
  isOwner: () => boolean,
  signal: AbortSignal,
): Promise<void> => {
  const sweeps = expirySweeps(context)
  while (!signal.aborted) {
    await context.clock.sleep(sweeps.pauseMs, signal)
    if (signal.aborted || !isOwner()) continue
    try {
      await sweeps.sweep()
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
      context.logger.warn({ err: error }, 'signals expire later')
    }
  }
}
