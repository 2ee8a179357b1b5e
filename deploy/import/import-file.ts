import { decodeLogsJson, decodeTracesJson } from '../../pipeline/otlp/decode.ts'
import { encodeLogs, encodeTraces } from '../../pipeline/otlp/encode.ts'
import type { Logs, Traces } from '../../pipeline/otlp/otlp-types.ts'
import type { Clock } from '../../pipeline/service-runtime/clock.ts'
import type { ApiClient } from '../cli/api-client.ts'
import { halvesOfLogs, halvesOfTraces, inParts } from './in-parts.ts'
import { type ExportRequest, readOtlpJson, readTauBench } from './read-import-file.ts'
import { sendOtlp } from './send-otlp.ts'
import { storedLogs, storedTraces, withoutStored } from './stored-telemetry.ts'
import type { TauBenchRow } from './tau-bench-row.ts'
import { durationMsOf, tauBenchTelemetry, traceIdOf } from './tau-bench-telemetry.ts'

export interface ImportServices {
  readonly receiverUrl: string
  readonly api: ApiClient
  readonly clock: Clock
  readonly onProgress: (done: number, total: number | null) => void
}

export interface Imported {
  readonly traceIds: readonly string[]
  readonly sent: number
  readonly skipped: number
}

export interface TauBenchImport {
  readonly agent: string
  readonly taskType: string | null
  /** When the first run starts; null lets the last one end now. */
  readonly startMs: number | null
  readonly spacingMs: number
}

/** Imports a file of tau-bench runs. Rows that are stored already are skipped, so that importing twice changes nothing. */
export const importTauBench = async (
  path: string,
  options: TauBenchImport,
  services: ImportServices,
): Promise<Imported> => {
  const rows = readTauBench(path)
  const ids = rows.map(traceIdOf)
  const stored = await storedTraces(services.api, ids)
  const nowMs = services.clock.nowMs()
  let sent = 0
  for (const [index, row] of rows.entries()) {
    const id = ids[index] ?? traceIdOf(row)
    const parts = stored.get(id)
    const telemetry = tauBenchTelemetry(row, {
      agent: options.agent,
      taskType: options.taskType,
      endMs: endMsOf(row, options, { index, count: rows.length, nowMs }),
    })
    // Logs first: a run whose spans are stored is complete.
    if (parts?.logs !== true) await send(services, 'logs', encodeLogs(telemetry.logs))
    if (parts?.spans !== true) await send(services, 'traces', encodeTraces(telemetry.traces))
    if (parts?.logs !== true || parts.spans !== true) sent++
    services.onProgress(index + 1, rows.length)
  }
  return { traceIds: [...new Set(ids)], sent, skipped: rows.length - sent }
}

/** With a start, runs start one spacing apart from it; without, they end one apart until now. */
const endMsOf = (
  row: TauBenchRow,
  { startMs, spacingMs }: TauBenchImport,
  { index, count, nowMs }: Readonly<Record<'index' | 'count' | 'nowMs', number>>,
): number =>
  startMs === null
    ? nowMs - (count - 1 - index) * spacingMs
    : startMs + index * spacingMs + durationMsOf(row)

/** Imports OTLP/JSON. Spans replace themselves; log records that are stored already are skipped. */
export const importOtlpJson = async (path: string, services: ImportServices): Promise<Imported> => {
  const ids = new Set<string>()
  let sent = 0
  let skipped = 0
  for await (const request of readOtlpJson(path)) {
    const { traceIds, isSent } = await importRequest(request, services)
    for (const id of traceIds) if (id !== '') ids.add(id)
    if (isSent) sent++
    else skipped++
    services.onProgress(sent + skipped, null)
  }
  return { traceIds: [...ids], sent, skipped }
}

const importRequest = async (
  { signal, body }: ExportRequest,
  services: ImportServices,
): Promise<{ readonly traceIds: readonly string[]; readonly isSent: boolean }> => {
  if (signal === 'traces') {
    const traces = decodeTracesJson(body)
    for (const part of inParts(traces, encodeTraces, halvesOfTraces))
      await send(services, 'traces', part)
    return { traceIds: traceIdsOfSpans(traces), isSent: true }
  }
  const logs = decodeLogsJson(body)
  const traceIds = traceIdsOfLogs(logs)
  const fresh = withoutStored(logs, await storedLogs(services.api, traceIds))
  const isSent = traceIdsOfLogs(fresh).length > 0
  if (isSent)
    for (const part of inParts(fresh, encodeLogs, halvesOfLogs)) await send(services, 'logs', part)
  return { traceIds, isSent }
}

const traceIdsOfSpans = ({ resourceSpans }: Traces): readonly string[] =>
  resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ traceId }) => traceId)),
  )

const traceIdsOfLogs = ({ resourceLogs }: Logs): readonly string[] => [
  ...new Set(
    resourceLogs.flatMap(({ scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ traceId }) => traceId)),
    ),
  ),
]

const send = (
  { receiverUrl, clock }: ImportServices,
  signal: 'traces' | 'logs',
  body: Uint8Array,
): Promise<void> =>
  sendOtlp(receiverUrl, { signal, contentType: 'application/x-protobuf', body }, clock)
