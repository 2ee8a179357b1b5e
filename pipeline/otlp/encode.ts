import type { Message } from './codec.ts'
import { logs, traces } from './messages.ts'
import type { Logs, Traces } from './otlp-types.ts'
import { finish, wireWriter } from './wire-writer.ts'

/** Any described message as protobuf, without a length before it. */
export const encodeMessage = <T>(message: Message<T>, value: T): Uint8Array => {
  const writer = wireWriter()
  message.writeBody(writer, value)
  return finish(writer)
}

/** Ids are hex; what is not becomes an id of one byte. @throws InvalidInputError where a value is nested deeper than decoders accept. */
export const encodeTraces = (value: Traces): Uint8Array => encodeMessage(traces, value)
export const encodeLogs = (value: Logs): Uint8Array => encodeMessage(logs, value)
/** OTLP/JSON as plain values, for JSON.stringify. */
export const tracesToJson = (value: Traces): unknown => traces.toJson(value)
export const logsToJson = (value: Logs): unknown => logs.toJson(value)
