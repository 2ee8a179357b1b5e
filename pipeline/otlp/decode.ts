import type { Message } from './codec.ts'
import { logs, traces } from './messages.ts'
import type { Logs, Traces } from './otlp-types.ts'
import { parseJson } from './parse-json.ts'
import { wireReader } from './wire-reader.ts'

// All of these throw InvalidInputError `payload-malformed`, saying where, and nothing else.
const fromProtobuf =
  <T>(message: Message<T>) =>
  (bytes: Uint8Array): T =>
    message.readBody(wireReader(bytes))

const fromJson =
  <T>(message: Message<T>) =>
  (bytes: Uint8Array): T =>
    message.fromJson(parseJson(bytes), '$')

/** An ExportTraceServiceRequest (or TracesData) in protobuf. Byte values point into `bytes`. */
export const decodeTraces: (bytes: Uint8Array) => Traces = fromProtobuf(traces)
/** An ExportLogsServiceRequest (or LogsData) in protobuf. Byte values point into `bytes`. */
export const decodeLogs: (bytes: Uint8Array) => Logs = fromProtobuf(logs)
/** The same as OTLP/JSON. */
export const decodeTracesJson: (bytes: Uint8Array) => Traces = fromJson(traces)
export const decodeLogsJson: (bytes: Uint8Array) => Logs = fromJson(logs)
