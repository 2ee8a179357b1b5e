import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { MOST_RUNS, type WatchedRun } from './release-judgement.ts'
import type { ReleaseWatch } from './release-watch.ts'

/** How far back the level before a promotion is looked for, and in how many runs. */
const LEVEL_DAYS = 7
const LEVEL_RUNS = 1000
const DAY_MS = 86_400_000

interface Row {
  readonly Version: string
  readonly Score: number
  readonly StartedMs: string
}

/** The runs of the time are found by it first; what each of them is now says neosigma_runs. */
const select = (condition: string): string => {
  const matching = `Agent = {agent:String} AND StartedAt >= fromUnixTimestamp64Milli({since:Int64}) AND ${condition}`
  return `SELECT AgentVersion AS Version, Score, toUnixTimestamp64Milli(StartedAt) AS StartedMs
FROM neosigma_runs FINAL
WHERE ${matching} AND TraceId IN (SELECT TraceId FROM neosigma_run_times WHERE ${matching})`
}

/** Both arms since the canary began, in order of start. */
export const readCanaryRuns = async (
  store: TraceStore,
  { agent, version, baseline, sinceMs }: ReleaseWatch,
): Promise<readonly WatchedRun[]> =>
  (
    await store.query<Row>(
      `${select('AgentVersion IN ({version:String}, {baseline:String})')}
ORDER BY StartedAt, TraceId LIMIT {most:UInt32}`,
      { agent, version, baseline, since: sinceMs, most: MOST_RUNS },
    )
  ).map(runOf)

/** The latest runs of the version before, up to the promotion, and the runs of the promoted version since. */
export const readPromotedRuns = async (
  store: TraceStore,
  { agent, version, baseline, stepSinceMs }: ReleaseWatch,
): Promise<readonly WatchedRun[]> => {
  const [before, after] = await Promise.all([
    store.query<Row>(
      `${select('AgentVersion = {baseline:String} AND StartedAt < fromUnixTimestamp64Milli({promoted:Int64})')}
ORDER BY StartedAt DESC LIMIT {most:UInt32}`,
      {
        agent,
        baseline,
        since: stepSinceMs - LEVEL_DAYS * DAY_MS,
        promoted: stepSinceMs,
        most: LEVEL_RUNS,
      },
    ),
    store.query<Row>(
      `${select('AgentVersion = {version:String}')} ORDER BY StartedAt DESC, TraceId LIMIT {most:UInt32}`,
      { agent, version, since: stepSinceMs, most: MOST_RUNS },
    ),
  ])
  return [...before.map(runOf), ...after.map(runOf).reverse()]
}

const runOf = ({ Version, Score, StartedMs }: Row): WatchedRun => ({
  version: Version,
  score: Score,
  startedAtMs: Number(StartedMs),
})
