import type { Diagnosis, RootCauseType, TraceCause } from '../../schemas/cluster.ts'

/** Fewer runs change nothing about what the cluster as a whole looks like. */
const FEWEST_RUNS = 3
/** So many of the runs that say something must agree against the cluster's type. */
const MAJORITY = 2 / 3

/**
 * A cluster's diagnosis with what single runs say of it. `unknown` runs are shown and have no vote. The type changes only
 * where at least three runs, two thirds of those with a vote, agree on another one; component and rule were meant for
 * the old type and go. Agreement a/n (n runs with a vote) enters the confidence as one more opinion, (c + a/n)/2.
 */
export const mergeTraces = (cluster: Diagnosis, traces: readonly TraceCause[]): Diagnosis => {
  if (traces.length === 0) return cluster
  const votes = traces.filter(({ rootCauseType }) => rootCauseType !== 'unknown')
  const [first] = [...Map.groupBy(votes, ({ rootCauseType }) => rootCauseType)]
    .map(([type, runs]) => ({ type, runs: runs.length }))
    .sort((a, b) => b.runs - a.runs || (a.type < b.type ? -1 : 1))
  const overruled =
    first !== undefined &&
    first.type !== cluster.rootCauseType &&
    first.runs >= FEWEST_RUNS &&
    first.runs >= MAJORITY * votes.length
  const rootCauseType: RootCauseType = overruled ? first.type : cluster.rootCauseType
  const agreeing = votes.filter((trace) => trace.rootCauseType === rootCauseType)
  const pointers = [...agreeing, ...cluster.evidence]
  return {
    ...cluster,
    ...(overruled ? { rootCauseType, component: '', rule: '' } : {}),
    confidence:
      votes.length === 0
        ? cluster.confidence
        : ((overruled ? 0 : cluster.confidence) + agreeing.length / votes.length) / 2,
    evidence: firstOfEachRun(pointers).slice(0, 20),
    traces: [...traces],
    clusterType: cluster.rootCauseType,
  }
}

/** The pointer to a step before the one to its run alone. */
const firstOfEachRun = (pointers: Diagnosis['evidence']): Diagnosis['evidence'] => {
  const found = new Map<string, Diagnosis['evidence'][number]>()
  for (const { traceId, spanId } of pointers)
    if ((found.get(traceId)?.spanId ?? null) === null) found.set(traceId, { traceId, spanId })
  return [...found.values()]
}
