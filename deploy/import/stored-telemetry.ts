import type { Logs } from '../../pipeline/otlp/otlp-types.ts'
import type { ApiClient } from '../cli/api-client.ts'

const IDS_PER_QUERY = 500
const HEX = /^[0-9a-f]{32}$/

interface StoredParts {
  readonly spans: boolean
  readonly logs: boolean
}

const inChunks = function* (ids: readonly string[]): Generator<string> {
  const safe = ids.filter((id) => HEX.test(id))
  for (let at = 0; at < safe.length; at += IDS_PER_QUERY)
    yield safe
      .slice(at, at + IDS_PER_QUERY)
      .map((id) => `'${id}'`)
      .join(',')
}

/** Which of the traces have spans and which have logs in the store. */
export const storedTraces = async (
  api: ApiClient,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredParts>> => {
  const found = new Map<string, StoredParts>()
  const none: StoredParts = { spans: false, logs: false }
  for (const list of inChunks(ids)) {
    for (const part of ['spans', 'logs'] as const) {
      const table = part === 'spans' ? 'otel_traces' : 'otel_logs'
      const sql = `SELECT DISTINCT TraceId AS id FROM ${table} WHERE TraceId IN (${list})`
      for await (const { id } of api.rows<{ readonly id: string }>(sql))
        found.set(id, { ...(found.get(id) ?? none), [part]: true })
    }
  }
  return found
}

/** How many of the traces have news that no assembly of their run has seen. */
export const pendingAssemblies = async (
  api: ApiClient,
  ids: readonly string[],
): Promise<number> => {
  let pending = 0
  for (const list of inChunks(ids)) {
    const sql = `SELECT toUInt32(count()) AS n
      FROM (SELECT TraceId, max(At) AS at FROM neosigma_trace_activity WHERE TraceId IN (${list}) GROUP BY TraceId) AS activity
      LEFT JOIN (SELECT TraceId, max(Through) AS through FROM neosigma_assemblies WHERE TraceId IN (${list}) GROUP BY TraceId) AS done
        USING (TraceId)
      WHERE done.through < activity.at`
    for await (const { n } of api.rows<{ readonly n: number }>(sql)) pending += n
  }
  return pending
}

/** How many log records are stored, by trace, span and nanosecond. */
export type StoredLogs = ReadonlyMap<string, number>

const placeOf = (traceId: string, spanId: string, time: string): string =>
  `${traceId}:${spanId}:${time}`

export const storedLogs = async (api: ApiClient, ids: readonly string[]): Promise<StoredLogs> => {
  const counts = new Map<string, number>()
  for (const list of inChunks(ids)) {
    const sql = `SELECT TraceId AS trace, SpanId AS span, toString(toUnixTimestamp64Nano(Timestamp)) AS time, toUInt32(count()) AS n
      FROM otel_logs FINAL WHERE TraceId IN (${list}) GROUP BY trace, span, time`
    type Row = {
      readonly trace: string
      readonly span: string
      readonly time: string
      readonly n: number
    }
    for await (const { trace, span, time, n } of api.rows<Row>(sql))
      counts.set(placeOf(trace, span, time), n)
  }
  return counts
}

/** The log records that the store does not hold yet: of equal places, as many as are missing. */
export const withoutStored = (logs: Logs, stored: StoredLogs): Logs => {
  const left = new Map(stored)
  return {
    resourceLogs: logs.resourceLogs.map((resource) => ({
      ...resource,
      scopeLogs: resource.scopeLogs.map((scope) => ({
        ...scope,
        logRecords: scope.logRecords.filter(
          ({ traceId, spanId, timeUnixNano, observedTimeUnixNano }) => {
            const time = String(timeUnixNano === 0n ? observedTimeUnixNano : timeUnixNano)
            const place = placeOf(traceId, spanId, time)
            const count = left.get(place) ?? 0
            left.set(place, count - 1)
            return count <= 0
          },
        ),
      })),
    })),
  }
}
