/** One cluster of the window as the store adds it up. 64-bit integers arrive as strings. */
export interface ClusterAggregateRow {
  readonly id: string
  readonly agent: string
  readonly taskType: string | null
  readonly failures: string
  /** Sum of scores in units of 2⁻³². */
  readonly scoreUnits: string
  readonly latestMs: string
  /** Newest first, at most five. */
  readonly exampleTraceIds: readonly string[]
  readonly users: string
  readonly sessions: string
  readonly rootCauseType: string
  readonly summary: string
}

/**
 * The clusters with failures since `windowStart` (milliseconds) of every agent, added up from their members; noise is
 * none. Exact under repeated rows. The task type is that of all members, or NULL where they differ.
 */
export const CLUSTER_AGGREGATES_SQL = `
SELECT
  m.ClusterId AS id,
  m.Agent AS agent,
  if(uniqExact(ifNull(m.TaskType, '')) = 1, any(m.TaskType), NULL) AS taskType,
  count() AS failures,
  sum(toInt64(floor(m.Score * 4294967296 + 0.5))) AS scoreUnits,
  max(toUnixTimestamp64Milli(m.At)) AS latestMs,
  arrayMap(one -> one.2, groupArraySorted(5)((-toUnixTimestamp64Milli(m.At), m.TraceId))) AS exampleTraceIds,
  uniqExactIf(m.UserId, m.UserId IS NOT NULL) AS users,
  uniqExactIf(m.SessionId, m.SessionId IS NOT NULL) AS sessions,
  any(c.RootCauseType) AS rootCauseType,
  any(c.Summary) AS summary
FROM (SELECT * FROM neosigma_cluster_members FINAL) AS m
LEFT JOIN (SELECT Agent, Id, RootCauseType, Summary FROM neosigma_clusters FINAL) AS c
  ON c.Agent = m.Agent AND c.Id = m.ClusterId
WHERE m.Removed = 0 AND m.ClusterId != '' AND m.At >= fromUnixTimestamp64Milli({windowStart: Int64})
GROUP BY m.Agent, m.ClusterId`
