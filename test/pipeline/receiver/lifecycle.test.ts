import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { encodeTraces } from '../../../pipeline/otlp/encode.ts'
import { startReceiver } from '../../../pipeline/receiver/main.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { ConfigError } from '../../../schemas/errors.ts'
import { anOtlpSpan, tracesWith } from '../../support/an-otlp-span.ts'
import { openReceiver } from '../../support/open-receiver.ts'
import { grpcSender, postOtlp } from '../../support/send-otlp.ts'

const valid = encodeTraces(tracesWith([anOtlpSpan()]))

describe('a port in use', () => {
  test.each([
    ['grpcPort', 'NEOSIGMA_OTLP_GRPC_PORT'],
    ['httpPort', 'NEOSIGMA_OTLP_HTTP_PORT'],
  ] as const)('(%s) is told with the variable that changes it', async (setting, variable) => {
    const { log, metrics } = await openReceiver()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => new Promise<void>((resolve) => other.close(() => resolve())))
    const { port } = other.address() as AddressInfo
    const starting = startReceiver({
      configuration: configuration.parse({
        receiver: { grpcPort: 0, httpPort: 0, [setting]: port },
      }),
      log,
      logger: pino({ level: 'silent' }),
      metrics,
    })
    await expect(starting).rejects.toThrow(ConfigError)
    await expect(starting).rejects.toMatchObject({
      code: 'port-in-use',
      detail: expect.stringContaining(`127.0.0.1:${port} (${variable})`),
    })
  })
})

test('a receiver that stops finishes what is in flight and takes nothing new', async () => {
  const gate = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  let waiting = 0
  const { receiver, spans } = await openReceiver({}, (log) => ({
    ...log,
    append: async (records) => {
      waiting += 1
      if (waiting === 2) asked.resolve()
      await gate.promise
      await log.append(records)
    },
  }))
  const http = postOtlp(receiver.httpPort, '/v1/traces', valid)
  const grpc = grpcSender(receiver.grpcPort)('trace.v1.TraceService', valid)
  await asked.promise
  const stopped = receiver.stop()
  await expect(postOtlp(receiver.httpPort, '/v1/traces', valid)).rejects.toThrow()
  gate.resolve()
  expect([(await http).status, (await grpc).code]).toEqual([200, 0])
  await stopped
  expect(await spans()).toHaveLength(2)
})

test('connections that say nothing do not hold a receiver that stops', async () => {
  const { receiver } = await openReceiver()
  const ports = [receiver.grpcPort, receiver.httpPort]
  const sockets = ports.map((port) => connect(port, '127.0.0.1'))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  expect((await grpcSender(receiver.grpcPort)('trace.v1.TraceService', valid)).code).toBe(0)
  const ended = sockets.map((socket) => once(socket.resume(), 'close'))
  await receiver.stop()
  await Promise.all(ended)
})
