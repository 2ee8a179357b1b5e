import { type RankedCluster, ROOT_CAUSE_TYPES, type RootCauseType } from '../../schemas/cluster.ts'
import type { ClusterAggregateRow } from '../../schemas/cluster-listing.ts'
import { type RankingTime, rankClusters } from './rank-clusters.ts'

export type ListedCluster = Pick<
  RankedCluster,
  | 'id'
  | 'agent'
  | 'taskType'
  | 'rank'
  | 'failures'
  | 'meanScore'
  | 'hoursSinceLatest'
  | 'recency'
  | 'priority'
  | 'rootCauseType'
  | 'summary'
  | 'exampleTraceIds'
>

/**
 * The rows of `neosigma clusters`, from what the store added up (`CLUSTER_AGGREGATES_SQL`, with `windowStartMs`), ranked
 * over all agents as of the answer. The same arithmetic as the published ranking.
 */
export const listClusters = (
  rows: readonly ClusterAggregateRow[],
  time: RankingTime,
): readonly ListedCluster[] =>
  rankClusters(
    rows.map((row) => ({
      id: row.id,
      agent: row.agent,
      taskType: row.taskType,
      rootCauseType: rootCauseTypeOf(row.rootCauseType),
      summary: row.summary,
      exampleTraceIds: [...row.exampleTraceIds],
      counts: {
        count: Number(row.failures),
        scoreUnits: Number(row.scoreUnits),
        latestMs: Number(row.latestMs),
      },
    })),
    time,
  ).map(({ counts: _, ...row }) => row)

const rootCauseTypeOf = (text: string): RootCauseType =>
  ROOT_CAUSE_TYPES.find((type) => type === text) ?? 'unknown'
