import { Client, compressionAlgorithms, type ServiceError, status } from '@grpc/grpc-js'
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http'
import { convertLegacyOtlpGrpcOptions } from '@opentelemetry/otlp-grpc-exporter-base'
import type { Protocol, Signal } from './sender-protocol.ts'

/** `away`: nobody answers. `busy`: asked to come back later. `refused`: trying again would not help. */
export type Outcome = 'sent' | 'away' | 'busy' | 'refused'

/** Sends one encoded export request. Never rejects. */
export type Transport = (body: Uint8Array) => Promise<Outcome>

/** A connection as the OTel exporters' own variables (`OTEL_EXPORTER_OTLP_*`) describe it. */
export const openTransport = (protocol: Protocol, signal: Signal): Transport =>
  protocol === 'grpc' ? openGrpc(signal) : openHttp(signal)

const GRPC_PATHS = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
} as const
/** gRPC's own default waits up to two minutes before it connects again. */
const LONGEST_RECONNECT_MS = 1000

const OUTCOMES: ReadonlyMap<number, Outcome> = new Map([
  [status.UNAVAILABLE, 'away'],
  [status.DEADLINE_EXCEEDED, 'away'],
  [status.CANCELLED, 'busy'],
  [status.RESOURCE_EXHAUSTED, 'busy'],
  [status.ABORTED, 'busy'],
])

const openGrpc = (signal: Signal): Transport => {
  const { url, credentials, metadata, compression, timeoutMillis } = convertLegacyOtlpGrpcOptions(
    {},
    signal.toUpperCase(),
  )
  const client = new Client(url, credentials(), {
    'grpc.default_compression_algorithm':
      compression === 'gzip' ? compressionAlgorithms.gzip : compressionAlgorithms.identity,
    'grpc.initial_reconnect_backoff_ms': LONGEST_RECONNECT_MS / 10,
    'grpc.max_reconnect_backoff_ms': LONGEST_RECONNECT_MS,
    'grpc.primary_user_agent': 'neosigma-instrumentation',
  })
  const same = (bytes: Buffer): Buffer => bytes
  const toBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
    Buffer.from(buffer, byteOffset, byteLength)
  return (body) =>
    new Promise((resolve) => {
      const deadline = Date.now() + timeoutMillis
      const done = (error: ServiceError | null): void =>
        resolve(error === null ? 'sent' : (OUTCOMES.get(error.code) ?? 'refused'))
      client.makeUnaryRequest(
        GRPC_PATHS[signal],
        toBuffer,
        same,
        body,
        metadata(),
        { deadline },
        done,
      )
    })
}

const openHttp = (signal: Signal): Transport => {
  const delegate = createOtlpHttpExportDelegate(
    convertLegacyHttpOptions({}, signal.toUpperCase(), `v1/${signal}`, {
      'Content-Type': 'application/x-protobuf',
    }),
    { serializeRequest: (body: Uint8Array) => body, deserializeResponse: () => undefined },
    'neosigma_sender',
    { name: signal === 'traces' ? 'span' : 'log', countItems: () => 0 },
    undefined,
  )
  return (body) =>
    new Promise((resolve) => {
      delegate.export(body, ({ error }) =>
        resolve(error === undefined ? 'sent' : httpOutcome(error)),
      )
    })
}

const BUSY = new Set([429, 502, 503, 504])

/** An answer has its status as the error's code, a connection that failed has a word or nothing. */
const httpOutcome = (error: Error): Outcome => {
  const code = 'code' in error ? error.code : undefined
  if (typeof code !== 'number') return 'away'
  return BUSY.has(code) ? 'busy' : 'refused'
}
