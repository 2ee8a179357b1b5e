import { Agent, request } from 'node:http'
import { type Client, credentials, Metadata, makeClientConstructor } from '@grpc/grpc-js'

export type Protocol = 'http' | 'grpc'

/** Sends one export request of spans; resolves when it is acknowledged. */
export interface Sender {
  send(body: Buffer): Promise<void>
  close(): void
}

export const openSender = (protocol: Protocol, port: number, connections: number): Sender =>
  protocol === 'http' ? httpSender(port, connections) : grpcSender(port)

const httpSender = (port: number, maxSockets: number): Sender => {
  const agent = new Agent({ keepAlive: true, maxSockets })
  const headers = { 'content-type': 'application/x-protobuf' }
  const to = { agent, port, host: '127.0.0.1', path: '/v1/traces', method: 'POST' }
  return {
    send: (body) =>
      new Promise((resolve, reject) => {
        const sending = request(
          { ...to, headers: { ...headers, 'content-length': body.length } },
          (answer) => {
            answer.resume()
            answer.once('end', () => {
              if (answer.statusCode === 200) resolve()
              else reject(new Error(`answered ${answer.statusCode}`))
            })
          },
        )
        sending.once('error', reject)
        sending.end(body)
      }),
    close: () => agent.destroy(),
  }
}

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const DEADLINE_MS = 30_000
const asIs = (bytes: Buffer): Buffer => bytes

const grpcSender = (port: number): Sender => {
  const GrpcClient = makeClientConstructor({}, 'otlp')
  const client: Client = new GrpcClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
  })
  return {
    send: (body) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          EXPORT,
          asIs,
          asIs,
          body,
          new Metadata(),
          { deadline: Date.now() + DEADLINE_MS },
          (error) => (error === null ? resolve() : reject(error)),
        )
      }),
    close: () => client.close(),
  }
}
