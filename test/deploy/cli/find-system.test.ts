import { createServer, type RequestListener } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { findSystem } from '../../../deploy/cli/find-system.ts'
import { writeApiFile } from '../../../deploy/embedded/api-file.ts'
import { listen } from '../../../pipeline/service-runtime/listen.ts'
import { loadConfiguration } from '../../../pipeline/service-runtime/load-config.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const aServer = async (answer: RequestListener): Promise<number> => {
  const server = createServer(answer)
  onTestFinished(() => void server.close())
  return listen(server, { host: '127.0.0.1', port: 0, variable: '' })
}
const neosigma = (): Promise<number> =>
  aServer((_, response) => response.end('{"status":"alive","name":"neosigma"}'))
const aFolder = (): string => {
  const { folder, remove } = temporaryFolder()
  onTestFinished(remove)
  return folder
}
const find = (dataDir: string, environment: Readonly<Record<string, string>> = {}) =>
  findSystem(loadConfiguration({ environment: { NEOSIGMA_DATA_DIR: dataDir, ...environment } }))
const announce = (dataDir: string, port: number): void =>
  writeApiFile(dataDir, {
    url: `http://127.0.0.1:${port}`,
    pid: 1,
    otlpGrpcPort: 1,
    otlpHttpPort: 2,
    startedAt: '',
  })

test('the system of the data folder comes before the one at the port', async () => {
  const [folder, here, there] = [aFolder(), await neosigma(), await neosigma()]
  announce(folder, here)
  expect(await find(folder, { NEOSIGMA_API_PORT: String(there) })).toEqual({
    url: `http://127.0.0.1:${here}`,
    receiverUrl: 'http://127.0.0.1:2',
  })
})

test('a file that its process left is passed over for the port, where that is set', async () => {
  const [folder, there] = [aFolder(), await neosigma()]
  announce(folder, 1)
  expect(await find(folder)).toBeNull()
  const environment = { NEOSIGMA_API_PORT: String(there), NEOSIGMA_OTLP_HTTP_PORT: '4999' }
  expect(await find(folder, environment)).toEqual({
    url: `http://127.0.0.1:${there}`,
    receiverUrl: 'http://127.0.0.1:4999',
  })
})

test('another program at the port is no system', async () => {
  const [folder, port] = [aFolder(), await aServer((_, response) => response.end('hello'))]
  announce(folder, port)
  expect(await find(folder, { NEOSIGMA_API_PORT: String(port) })).toBeNull()
})
