import { wilsonInterval } from '../../../consumers/signals/wilson-interval.ts'
import type { RootCauseType } from '../../../schemas/cluster.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'
import { adjustedRandIndex } from '../../support/compare-labels.ts'
import { type RootCauseLabel, spansOfStep, TYPE_OF_CATEGORY } from './agentrx-labels.ts'
import { majority, normalisedMutualInformation, purity } from './agreement.ts'
import { noiseAndSize } from './quality-airline.ts'
import type { MinedFailure, MinedFile, TauRow } from './quality-import.ts'

export interface LabelledFailure extends MinedFailure {
  readonly label: RootCauseLabel
}

/** What is said of one run: a type, and spans that are pointed at (null: of none of its steps). */
export interface Opinion {
  readonly type: RootCauseType
  readonly spanIds: readonly string[] | null
}

const SHUFFLES = 1000

export const labelled = (
  { failures }: MinedFile,
  labels: readonly RootCauseLabel[],
): readonly LabelledFailure[] => {
  const byRun = new Map(labels.map((label) => [label.trajectory, label]))
  const found = failures.flatMap((failure) => {
    const label = byRun.get(Number(failure.row.task_id))
    return label === undefined ? [] : [{ ...failure, label }]
  })
  if (found.length !== failures.length)
    throw new Error(`${failures.length} failed runs, ${found.length} with a label.`)
  return found
}

/** Agreement of the clusters with the categories: of the clustered runs, and of all with each noise run by itself. */
export const agreementRows = (
  features: string,
  file: MinedFile,
  labels: readonly RootCauseLabel[],
): readonly string[] => {
  const runs = labelled(file, labels)
  const { noise } = noiseAndSize(file)
  const rowOf = (what: string, some: readonly LabelledFailure[]): string => {
    const clusters = some.map(({ cluster, row }) => cluster?.id ?? `noise ${row.task_id}`)
    const categories = some.map(({ label }) => label.category)
    const most = (majority(categories)?.count ?? 0) / some.length
    const cells = MEASURES.map((measure) => againstChance(measure, clusters, categories))
    return `| ${[features, what, some.length, new Set(clusters).size, ...cells, most.toFixed(2)].join(' | ')} |`
  }
  return [
    rowOf(
      'clustered',
      runs.filter(({ cluster }) => cluster !== null),
    ),
    rowOf(`all, ${noise} noise runs each by itself`, runs),
  ]
}

export const AGREEMENT_HEAD = [
  '| features | runs | n | groups | ARI (by chance; p) | NMI (by chance; p) | purity (by chance; p) | majority baseline of the purity |',
  '|---|---|--:|--:|--:|--:|--:|--:|',
]

type Measure = (clusters: readonly string[], categories: readonly string[]) => number
const numbered = (labels: readonly string[]): readonly number[] =>
  labels.map((label) => labels.indexOf(label))
const MEASURES: readonly Measure[] = [
  (clusters, categories) => adjustedRandIndex(numbered(clusters), numbered(categories)),
  normalisedMutualInformation,
  purity,
]

/** The value, its mean over shuffled categories, and how often shuffling does as well. */
const againstChance = (
  measure: Measure,
  clusters: readonly string[],
  categories: readonly string[],
): string => {
  const value = measure(clusters, categories)
  const random = seededRandom('agreement by chance')
  const chance = Array.from({ length: SHUFFLES }, () =>
    measure(clusters, shuffled(categories, random)),
  )
  const mean = chance.reduce((sum, one) => sum + one, 0) / SHUFFLES
  const p = (1 + chance.filter((one) => one >= value - 1e-12).length) / (1 + SHUFFLES)
  return `**${value.toFixed(2)}** (${mean.toFixed(2)}; ${p.toFixed(2)})`
}

const shuffled = <Item>(items: readonly Item[], random: () => number): readonly Item[] =>
  items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)

/** What the product says of a run: the diagnosis of its cluster; of noise, nothing. */
export const clusterOpinion = ({ run, cluster }: LabelledFailure): Opinion => {
  const pointers = (cluster?.diagnosis.evidence ?? []).filter(
    ({ traceId }) => traceId === run.traceId,
  )
  const spanIds = pointers.flatMap(({ spanId }) => (spanId === null ? [] : [spanId]))
  return {
    type: cluster?.diagnosis.rootCauseType ?? 'unknown',
    spanIds: pointers.length === 0 ? null : spanIds,
  }
}

const rate = (hits: number, n: number): string => {
  const { low, high } = wilsonInterval(hits, n)
  return n === 0
    ? '0 of 0'
    : `${hits} of ${n} = ${Math.round((100 * hits) / n)} % [${Math.round(100 * low)}, ${Math.round(100 * high)}]`
}

const isHit = ({ row, label }: LabelledFailure, spanIds: readonly string[]): boolean => {
  const steps = spansOfStep(row, label.step)
  return spanIds.some((spanId) => steps.has(spanId))
}

/** Whether the step that people call the root cause is pointed at. */
export const stepRow = (
  by: string,
  runs: readonly LabelledFailure[],
  opinionOf: (run: LabelledFailure) => Opinion,
): string => {
  const said = runs.map((run) => ({ run, spanIds: opinionOf(run).spanIds }))
  const named = said.filter(({ spanIds }) => spanIds !== null)
  const pointing = said.filter(({ spanIds }) => (spanIds?.length ?? 0) > 0)
  const hits = pointing.filter(({ run, spanIds }) => isHit(run, spanIds ?? [])).length
  return `| ${[by, rate(hits, runs.length), named.length, pointing.length, rate(hits, pointing.length)].join(' | ')} |`
}

/** A guess that needs no diagnosis: the last tool call of the run. */
export const lastCall = ({ row }: LabelledFailure): Opinion => ({
  type: 'unknown',
  spanIds: [...spansOfStep(row, lastCallOf(row))],
})

const lastCallOf = ({ traj }: TauRow): number =>
  1 + traj.findLastIndex(({ tool_calls: calls }) => (calls?.length ?? 0) > 0)

/** The accuracy of the types; `unknown` is never right. */
export const typeRow = (
  by: string,
  runs: readonly LabelledFailure[],
  typeOf: (run: LabelledFailure) => RootCauseType,
): string => {
  const said = runs.map((run) => ({
    said: typeOf(run),
    truth: TYPE_OF_CATEGORY[run.label.category],
  }))
  const right = said.filter(({ said: type, truth }) => type === truth?.type).length
  const defensible = said.filter(
    ({ said: type, truth }) => type === truth?.type || type === truth?.orElse,
  ).length
  const silent = said.filter(({ said: type }) => type === 'unknown').length
  return `| ${[by, silent, rate(right, runs.length), rate(defensible, runs.length)].join(' | ')} |`
}

export const majorityType = (runs: readonly LabelledFailure[]): RootCauseType =>
  majority(runs.map(({ label }) => TYPE_OF_CATEGORY[label.category]?.type ?? 'unknown'))?.label ??
  'unknown'
