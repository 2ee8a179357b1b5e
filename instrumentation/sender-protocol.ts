/** What the host's thread and the sending thread tell each other. */
export type Protocol = 'grpc' | 'http/protobuf'
export type Signal = 'traces' | 'logs'

/** One export request, as OTLP protobuf. */
export interface SendMessage {
  readonly signal: Signal
  readonly body: Uint8Array
}

export interface SenderData {
  readonly purpose: typeof SENDER
  readonly protocol: Protocol
  /** An Int32: bytes handed over and neither sent nor given up. Both threads count and wait on it. */
  readonly unsent: SharedArrayBuffer
}

/** Marks the sending thread's `workerData`, so that a preload that runs in every thread leaves it alone. */
export const SENDER = '@neosigma/instrumentation sender'
