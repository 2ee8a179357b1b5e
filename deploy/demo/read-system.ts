import type { ListedCluster } from '../../consumers/priority/list-clusters.ts'
import type { CycleRow } from '../../schemas/cycle-listing.ts'
import type { ApiClient } from '../cli/api-client.ts'

/** What the system says of one agent, read as anybody reads it: through the API. */
export interface SystemView {
  readonly spans: number
  readonly runs: number
  readonly failures: number
  readonly clusters: readonly ListedCluster[]
  readonly cycles: readonly CycleRow[]
}

interface Counts {
  readonly spans: string
  readonly runs: string
  readonly failures: string
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

export const readSystem = async (api: ApiClient, agent: string): Promise<SystemView> => {
  const [counts, clusters, cycles] = await Promise.all([
    readCounts(api, agent),
    collect(api.list<ListedCluster>('/v1/clusters')),
    collect(api.list<CycleRow>('/v1/cycles')),
  ])
  const own = <Row extends { readonly agent: string }>(rows: readonly Row[]): readonly Row[] =>
    rows.filter((row) => row.agent === agent)
  return {
    ...counts,
    clusters: own(clusters),
    cycles: [...own(cycles)].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1)),
  }
}

const readCounts = async (
  api: ApiClient,
  agent: string,
): Promise<Pick<SystemView, 'spans' | 'runs' | 'failures'>> => {
  const rows = await collect(
    api.rows<Counts>(`SELECT
      (SELECT count() FROM otel_traces FINAL WHERE ServiceName = ${quoted(agent)}) AS spans,
      (SELECT count() FROM neosigma_runs FINAL WHERE Agent = ${quoted(agent)}) AS runs,
      (SELECT count() FROM neosigma_runs FINAL WHERE Agent = ${quoted(agent)} AND Outcome = 'fail') AS failures`),
  )
  const { spans = 0, runs = 0, failures = 0 } = rows[0] ?? {}
  return { spans: Number(spans), runs: Number(runs), failures: Number(failures) }
}

const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}
