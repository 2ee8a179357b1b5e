import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'

/**
 * Keys that are no traces but runs which are parts of one: the traces that hold them. A signal may name a run by such a
 * key; its trace is then to be assembled again.
 */
export const tracesOfParts = async (
  store: TraceStore,
  keys: readonly string[],
): Promise<readonly string[]> => {
  if (keys.length === 0) return []
  const rows = await store.query<{ readonly traceId: string }>(
    `SELECT DISTINCT JSONExtractString(Body, 'partOf') AS traceId FROM neosigma_runs FINAL
WHERE TraceId IN {keys: Array(String)} AND traceId != ''`,
    { keys },
  )
  return rows.map(({ traceId }) => traceId)
}
