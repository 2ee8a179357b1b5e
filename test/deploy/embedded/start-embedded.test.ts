import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readApiFile } from '../../../deploy/embedded/api-file.ts'
import { type EmbeddedSystem, startEmbedded } from '../../../deploy/embedded/start-embedded.ts'
import {
  type Configuration,
  configuration,
} from '../../../pipeline/service-runtime/configuration.ts'
import { listen } from '../../../pipeline/service-runtime/listen.ts'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const logger = pino({ level: 'silent' })
let folder: ReturnType<typeof temporaryFolder>
let system: EmbeddedSystem | null
const settings = (ports: { readonly httpPort?: number } = {}): Configuration =>
  configuration.parse({
    dataDir: join(folder.folder, 'data'),
    receiver: { grpcPort: 0, httpPort: 0, ...ports },
    api: { port: 0 },
  })
const start = async (given: Configuration): Promise<EmbeddedSystem> => {
  system = await startEmbedded({ configuration: given, secrets: NO_SECRETS, logger })
  return system
}
beforeEach(() => {
  folder = temporaryFolder()
  system = null
})
afterEach(async () => {
  await system?.stop()
  folder.remove()
})

test('all roles become ready, are found by api.json, and leave nothing when they stop', async () => {
  const { dataDir } = settings()
  const running = await start(settings())
  const { url, grpcPort, httpPort } = running
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200)
  expect(readApiFile(dataDir)).toMatchObject({
    url,
    pid: process.pid,
    otlpGrpcPort: grpcPort,
    otlpHttpPort: httpPort,
  })
  await running.stop()
  expect(readApiFile(dataDir)).toBeNull()
  expect(existsSync(join(dataDir, 'neosigma.lock'))).toBe(false)
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  // Stopped twice is stopped; and the folder can be opened again.
  await running.stop()
  await start(settings())
})

test('a role that ends by itself is told with its reason', async () => {
  const running = await start(settings())
  await running.context.store.command('DROP TABLE neosigma_assembly_progress')
  expect(await running.failed).toBeInstanceOf(Error)
})

test('a start that fails half way closes what it had opened', async () => {
  const server = createServer()
  const httpPort = await listen(server, { host: '127.0.0.1', port: 0, variable: '' })
  await expect(start(settings({ httpPort }))).rejects.toThrow('[port-in-use]')
  server.close()
  expect(readApiFile(settings().dataDir)).toBeNull()
  await start(settings())
})
