import { decodeBatch, sendToDeadLetter } from '../../pipeline/event-log/decode-batch.ts'
import type { RecordBatch } from '../../pipeline/event-log/event-log.ts'
import { runConsumer } from '../../pipeline/event-log/run-consumer.ts'
import { loopRole } from '../../pipeline/service-runtime/loop-role.ts'
import type { Role, RoleContext } from '../../pipeline/service-runtime/role.ts'
import { InvalidInputError, TransientError } from '../../schemas/errors.ts'
import type { SignalRow } from '../../schemas/tables.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { assemblyRounds } from './assembly-rounds.ts'
import { signalRow, storeSignals } from './store-signals.ts'

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
      ])
    },
    notReady: () => (owned.length > 0 ? [] : ['no partition of the signals is assigned']),
  })
}

const takeSignals = async (context: RoleContext, batch: RecordBatch): Promise<void> => {
  const rows: SignalRow[] = []
  for (const { record, event } of await decodeBatch(context, 'runs', TOPICS.signals, batch))
    if (event.traceId !== undefined || event.sessionId !== undefined) rows.push(signalRow(event))
    else
      await sendToDeadLetter(
        context,
        'runs',
        record,
        new InvalidInputError('event-invalid', 'The signal names neither a trace nor a session.'),
      )
  const first = batch.records[0]?.offset
  const token = `${batch.topic}:${batch.partition}:${first}-${batch.records.at(-1)?.offset}`
  await storeSignals(context.store, rows, token)
  context.metrics.count('neosigma.runs.signals', rows.length)
  await batch.commit()
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
