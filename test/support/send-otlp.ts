import {
  type Client,
  credentials,
  Metadata,
  makeClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js'
import { onTestFinished } from 'vitest'

export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

/** POST to an OTLP/HTTP receiver. */
export const postOtlp = async (
  port: number,
  path: string,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', ...headers },
    body: typeof body === 'string' ? body : Buffer.from(body),
  })
  return {
    status: answer.status,
    headers: answer.headers,
    body: Buffer.from(await answer.arrayBuffer()),
  }
}

export interface GrpcAnswer {
  /** 0 is OK. */
  readonly code: number
  readonly details: string
  readonly body: Buffer
  /** google.rpc.Status, where the answer carries one. */
  readonly status: Buffer | null
}

const asIs = (bytes: Buffer): Buffer => bytes

/** A gRPC client that sends bytes as they are; it closes with the test. */
export const grpcSender = (port: number, options: object = {}) => {
  const GrpcClient = makeClientConstructor({}, 'otlp')
  const client: Client = new GrpcClient(`127.0.0.1:${port}`, credentials.createInsecure(), options)
  onTestFinished(() => client.close())
  return (service: string, body: Uint8Array): Promise<GrpcAnswer> =>
    new Promise((resolve) => {
      client.makeUnaryRequest<Buffer, Buffer>(
        `/opentelemetry.proto.collector.${service}/Export`,
        asIs,
        asIs,
        Buffer.from(body),
        new Metadata(),
        { deadline: Date.now() + 20_000 },
        (error: ServiceError | null, answer?: Buffer) => {
          const [status] = error?.metadata.get('grpc-status-details-bin') ?? []
          resolve({
            code: error?.code ?? 0,
            details: error?.details ?? '',
            body: answer ?? Buffer.alloc(0),
            status: status instanceof Buffer ? status : null,
          })
        },
      )
    })
}
