// The bodies of OTLP answers: export responses with partial success, and google.rpc.Status for failures.
import { type Codec, type Message, many, message, one } from '../otlp/codec.ts'
import { encodeMessage } from '../otlp/encode.ts'
import { int32, int64, string } from '../otlp/scalar-codecs.ts'
import { DELIMITED, readBytes } from '../otlp/wire-reader.ts'
import { writeBytes } from '../otlp/wire-writer.ts'
import type { Failure } from './failure.ts'
import type { Encoding, Receipt, Signal } from './intake.ts'

const bytes: Codec<Uint8Array> = {
  wireType: DELIMITED,
  absent: new Uint8Array(),
  isAbsent: (value) => value.length === 0,
  read: readBytes,
  write: writeBytes,
  fromJson: (value, where) => Buffer.from(string.fromJson(value, where), 'base64'),
  toJson: (value) => Buffer.from(value).toString('base64'),
}

const traceResponse = message<{
  readonly partialSuccess: { readonly rejectedSpans: bigint; readonly errorMessage: string }
}>('ExportTraceServiceResponse', {
  partialSuccess: one(
    1,
    message('ExportTracePartialSuccess', {
      rejectedSpans: one(1, int64),
      errorMessage: one(2, string),
    }),
  ),
})

const logsResponse = message<{
  readonly partialSuccess: { readonly rejectedLogRecords: bigint; readonly errorMessage: string }
}>('ExportLogsServiceResponse', {
  partialSuccess: one(
    1,
    message('ExportLogsPartialSuccess', {
      rejectedLogRecords: one(1, int64),
      errorMessage: one(2, string),
    }),
  ),
})

const written = <T>(description: Message<T>, value: T, encoding: Encoding): Uint8Array =>
  encoding === 'protobuf'
    ? encodeMessage(description, value)
    : Buffer.from(JSON.stringify(description.toJson(value)))

/** The export response. Without rejections it has no partial success, as OTLP demands. */
export const receiptBody = (signal: Signal, receipt: Receipt, encoding: Encoding): Uint8Array => {
  const count = BigInt(receipt.rejected)
  const errorMessage = receipt.message
  return signal === 'traces'
    ? written(traceResponse, { partialSuccess: { rejectedSpans: count, errorMessage } }, encoding)
    : written(
        logsResponse,
        { partialSuccess: { rejectedLogRecords: count, errorMessage } },
        encoding,
      )
}

interface RpcStatus {
  readonly code: number
  readonly message: string
  readonly details: readonly { readonly typeUrl: string; readonly value: Uint8Array }[]
}

const rpcStatus: Message<RpcStatus> = message('google.rpc.Status', {
  code: one(1, int32),
  message: one(2, string),
  details: many(
    3,
    message('google.protobuf.Any', { typeUrl: one(1, string), value: one(2, bytes) }),
  ),
})

const retryInfo = message<{
  readonly retryDelay: { readonly seconds: bigint; readonly nanos: number }
}>('google.rpc.RetryInfo', {
  retryDelay: one(
    1,
    message('google.protobuf.Duration', { seconds: one(1, int64), nanos: one(2, int32) }),
  ),
})

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo'

/** google.rpc.Status in protobuf, with RetryInfo where trying again helps. */
export const statusBytes = ({ grpcCode, message: text, retryAfterMs }: Failure): Uint8Array =>
  encodeMessage(rpcStatus, {
    code: grpcCode,
    message: text,
    details:
      retryAfterMs === null
        ? []
        : [
            {
              typeUrl: RETRY_INFO,
              value: encodeMessage(retryInfo, {
                retryDelay: {
                  seconds: BigInt(Math.trunc(retryAfterMs / 1000)),
                  nanos: (retryAfterMs % 1000) * 1_000_000,
                },
              }),
            },
          ],
  })

/** The same in the encoding of the request; protobuf's JSON has the details' type beside their fields. */
export const statusBody = (failure: Failure, encoding: Encoding): Uint8Array => {
  if (encoding === 'protobuf') return statusBytes(failure)
  const { grpcCode: code, message: text, retryAfterMs } = failure
  const details =
    retryAfterMs === null
      ? {}
      : { details: [{ '@type': RETRY_INFO, retryDelay: `${retryAfterMs / 1000}s` }] }
  return Buffer.from(JSON.stringify({ code, message: text, ...details }))
}
