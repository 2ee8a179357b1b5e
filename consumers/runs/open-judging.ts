import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { type SignalRow, storeTime } from '../../schemas/tables.ts'
import type { Judging } from '../signals/judging.ts'
import {
  CELLS_SQL,
  type CellRow,
  cellParameters,
  measureScorers,
} from '../signals/measure-scorers.ts'
import { metricOf, metricTable } from '../signals/metric-table.ts'
import { placedId, type RawSignal } from '../signals/raw-signal.ts'
import { type Reliability, scorerKey } from '../signals/reliability.ts'
import { isPersonal } from '../signals/run-scores.ts'
import type { AssembledRun } from './assemble-run.ts'
import { type JudgingRules, judgementsOn, type UnjudgedRun } from './judge-open-run.ts'
import { makeSubjectsDue } from './store-signals.ts'
import { noteUserSignals, readDisplaced, readOverLimit, type ToldUserSignal } from './user-limit.ts'

/** A run with everything that was said about it. */
export interface HeardRun {
  /** Of the trace that holds it. */
  readonly inTrace: string
  readonly judgements: readonly RawSignal[]
  /** Ids of those that were signals of their own; the others stand in the telemetry. */
  readonly signalIds: ReadonlySet<string>
}

export const heardRun = (run: UnjudgedRun, signals: readonly SignalRow[]): HeardRun => ({
  inTrace: run.partOf ?? run.traceId,
  judgements: judgementsOn(run, signals),
  signalIds: new Set(signals.map(placedId)),
})

/** How runs are judged now. */
export interface JudgingSource {
  rulesFor(runs: readonly HeardRun[]): Promise<JudgingRules>
}

/** The weights of scorers, read from the store from time to time, and the limits of the users who speak of these runs. */
export const openJudging = ({ store, configuration, clock }: RoleContext): JudgingSource => {
  const { runs, signals: settings, evaluators } = configuration
  const metrics = metricTable(settings.metrics)
  let readAtMs = Number.NEGATIVE_INFINITY
  let reliability: ReadonlyMap<string, Reliability> = new Map()
  const refresh = async (): Promise<void> => {
    if (clock.nowMs() - readAtMs < settings.refreshMs) return
    const cells = await store.query<CellRow>(CELLS_SQL, cellParameters(settings))
    const measured = measureScorers(cells, settings)
    reliability = new Map(measured.map((one) => [scorerKey(one), one.reliability]))
    readAtMs = clock.nowMs()
  }
  return {
    rulesFor: async (heard) => {
      await refresh()
      const said = heard.flatMap((one) => userSignalsOf(one, metrics))
      const signalIds = new Set(heard.flatMap((one) => [...one.signalIds]))
      const come = await noteUserSignals(
        store,
        said.filter(({ id }) => !signalIds.has(id)),
      )
      await makeSubjectsDue(store, await readDisplaced(store, come, settings))
      const overLimit = await readOverLimit(store, said, settings)
      return {
        passThreshold: runs.passThreshold,
        passThresholds: runs.passThresholds,
        evaluators,
        judging: { metrics, reliability, calibrate: settings.calibrate, overLimit },
      }
    },
  }
}

const userSignalsOf = (
  { inTrace, judgements }: HeardRun,
  metrics: Judging['metrics'],
): readonly ToldUserSignal[] =>
  judgements.flatMap((one) =>
    one.userId !== null && isPersonal(typeOf(one, metrics))
      ? [{ userId: one.userId, id: one.id, traceId: inTrace, at: one.at }]
      : [],
  )

const typeOf = ({ type, name }: RawSignal, metrics: Judging['metrics']) =>
  type ?? metricOf(name, metrics)?.type ?? 'automated'

/** What scorers said of a labelled run, as rows. */
export const agreementRows = (
  { run, agreements }: AssembledRun,
  through: string,
): readonly object[] =>
  agreements.map(({ name, source, version, isDetector, type, value, failed }) => ({
    Name: name,
    Source: source,
    ScorerVersion: version,
    Detector: isDetector === true ? 1 : 0,
    Type: type,
    TraceId: run.traceId,
    Value: value,
    Failed: failed ? 1 : 0,
    At: storeTime(Date.parse(run.endedAt)),
    Version: through,
  }))
