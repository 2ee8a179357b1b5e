import type { SignalType } from '../../schemas/signal.ts'
import type { SignalSettings } from '../../schemas/signal-settings.ts'
import { metricTable } from './metric-table.ts'
import { signalTypeOf } from './raw-signal.ts'
import {
  type AgreementCounts,
  addCell,
  NO_AGREEMENTS,
  type Reliability,
  reliabilityOf,
  type Scorer,
  scorerKey,
} from './reliability.ts'
import { priorOfScorer } from './scorer-prior.ts'

/** A scorer is a text of its sender's: so many are measured, those with the most labelled runs. */
export const MOST_SCORERS = 1000

/** Days are counted back from the newest label, not from now: the same rows give the same weights at any time. */
export const CELLS_SQL = `
WITH recent AS (
  SELECT Name, Source, ScorerVersion, Detector, Type, Value, Failed FROM neosigma_agreements FINAL
  WHERE At > (SELECT max(At) FROM neosigma_agreements) - toIntervalSecond({seconds: UInt64})
)
SELECT Name, Source, ScorerVersion, Detector, min(Type) AS Type,
  toUInt8(floor(Value * 20 + 0.5)) AS Node, Value < 0.5 AS SaysFailed, Failed, count() AS Times
FROM recent WHERE (Name, Source, ifNull(ScorerVersion, ''), Detector) IN (
  SELECT Name, Source, ifNull(ScorerVersion, ''), Detector FROM recent
  GROUP BY ALL ORDER BY count() DESC, Name, Source LIMIT {most: UInt32}
)
GROUP BY Name, Source, ScorerVersion, Detector, Node, SaysFailed, Failed`

export interface CellRow {
  readonly Name: string
  readonly Source: string
  readonly ScorerVersion: string | null
  readonly Detector: number
  readonly Type: string
  readonly Node: number
  readonly SaysFailed: number
  readonly Failed: number
  readonly Times: string
}

/** Parameters of the query. */
export const cellParameters = ({ reliabilityDays }: SignalSettings): Record<string, unknown> => ({
  seconds: Math.round(reliabilityDays * 86_400),
  most: MOST_SCORERS,
})

/** A scorer with all that is measured of it. */
export interface MeasuredScorer extends Scorer {
  readonly reliability: Reliability
}

/** Every scorer that has judged labelled runs, measured from the stored agreements alone. */
export const measureScorers = (
  rows: readonly CellRow[],
  settings: SignalSettings,
): readonly MeasuredScorer[] => {
  const metrics = metricTable(settings.metrics)
  return [...Map.groupBy(rows, (row) => scorerKey(scorerOf(row))).values()].flatMap((cells) => {
    const [first] = cells
    if (first === undefined) return []
    const scorer = scorerOf(first)
    const prior = priorOfScorer(scorer, typeOf(cells), metrics)
    return [{ ...scorer, reliability: reliabilityOf(countsOf(cells), prior) }]
  })
}

const scorerOf = ({ Name, Source, ScorerVersion, Detector }: CellRow): Scorer => ({
  name: Name,
  source: Source,
  version: ScorerVersion,
  isDetector: Detector === 1,
})

const typeOf = (cells: readonly CellRow[]): SignalType =>
  signalTypeOf(cells.map(({ Type }) => Type).sort()[0] ?? null) ?? 'automated'

const countsOf = (cells: readonly CellRow[]): AgreementCounts =>
  cells.reduce(
    (counts, { Node, SaysFailed, Failed, Times }) =>
      addCell(
        counts,
        { node: Node, saysFailed: SaysFailed === 1, failed: Failed === 1 },
        Number(Times),
      ),
    NO_AGREEMENTS,
  )
