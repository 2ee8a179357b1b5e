import { Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openSender, type Sender } from '../../instrumentation/sender.ts'
import type { Protocol } from '../../instrumentation/sender-protocol.ts'
import { encodeTraces } from '../../pipeline/otlp/encode.ts'
import { anOtlpSpan, tracesWith } from '../support/an-otlp-span.ts'
import { openOtlpSink } from '../support/otlp-sink.ts'

/** The thread reads the OTel exporters' variables as they are when it starts. */
const senderTo = (protocol: Protocol, port: number): Sender => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${port}`)
  const sender = openSender(protocol)
  sender.warmUp()
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await sender.close()
  })
  return sender
}

const body = encodeTraces(tracesWith([anOtlpSpan()]))

/** A port that was free a moment ago. */
const freePort = async (): Promise<number> => {
  const server = new Server()
  const port = await bind(server, 0)
  server.forceShutdown()
  return port
}

const bind = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })

test.each<Protocol>(['grpc', 'http/protobuf'])(
  'over %s, what is sent while the receiver is away arrives when it is back',
  async (protocol) => {
    const port = await freePort()
    const sender = senderTo(protocol, port)
    sender.send('traces', body)
    await sender.drain(300)
    const ports =
      protocol === 'grpc' ? { grpcPort: port, httpPort: 0 } : { grpcPort: 0, httpPort: port }
    const sink = await openOtlpSink(ports)
    onTestFinished(() => sink.close())
    await sender.drain(20_000)
    expect(await sink.spans()).toHaveLength(1)
  },
)

/** Answers each export with the next of these codes, then with success. */
const answering = async (codes: number[]): Promise<{ port: number; asked: () => number }> => {
  let asked = 0
  const server = new Server()
  const identity = (bytes: Buffer): Buffer => bytes
  server.addService(
    {
      export: {
        path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        requestStream: false,
        responseStream: false,
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    },
    {
      export: (
        _: unknown,
        done: (error: Partial<ServiceError> | null, answer?: Buffer) => void,
      ) => {
        const code = codes[asked++]
        if (code === undefined) done(null, Buffer.alloc(0))
        else done({ code, details: 'not now' })
      },
    },
  )
  onTestFinished(() => server.forceShutdown())
  return { port: await bind(server, 0), asked: () => asked }
}

test('a receiver that is full is asked again', async () => {
  const receiver = await answering([status.RESOURCE_EXHAUSTED, status.UNAVAILABLE])
  const sender = senderTo('grpc', receiver.port)
  sender.send('traces', body)
  await sender.drain(20_000)
  expect(receiver.asked()).toBe(3)
})

test('what is refused for good is not sent again, and does not hold up what follows', async () => {
  const receiver = await answering([status.INVALID_ARGUMENT])
  const sender = senderTo('grpc', receiver.port)
  sender.send('traces', body)
  sender.send('traces', body)
  await sender.drain(20_000)
  expect(receiver.asked()).toBe(2)
})

test('waiting without the event loop works as well, and costs nothing when all is sent', async () => {
  const receiver = await openOtlpSink()
  onTestFinished(() => receiver.close())
  const sender = senderTo('grpc', receiver.grpcPort)
  sender.drainNow(20_000)
  sender.send('traces', body)
  await sender.drain(20_000)
  sender.drainNow(20_000)
  expect(await receiver.spans()).toHaveLength(1)
})

test('memory stays bounded while nobody listens', async () => {
  const sender = senderTo('grpc', 1)
  const megabyte = new Uint8Array(1024 * 1024)
  for (let index = 0; index < 100; index++) sender.send('logs', megabyte.slice())
  sender.drainNow(10)
  expect(process.memoryUsage().external).toBeLessThan(200 * 1024 * 1024)
})
