import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../../../pipeline/service-runtime/listen.ts'
import { ConfigError } from '../../../schemas/errors.ts'

const aServer = () => {
  const server = createServer()
  onTestFinished(() => {
    server.close()
  })
  return server
}

const variable = 'NEOSIGMA_API_PORT'

test('port 0 becomes one that is free, and another process cannot have it', async () => {
  const port = await listen(aServer(), { host: '127.0.0.1', port: 0, variable })
  expect(port).toBeGreaterThan(0)
  const second = listen(aServer(), { host: '127.0.0.1', port, variable })
  await expect(second).rejects.toBeInstanceOf(ConfigError)
  await expect(second).rejects.toMatchObject({
    code: 'port-in-use',
    message: expect.stringContaining(`127.0.0.1:${port} (${variable})`),
  })
})

test('an address that this machine does not have is a mistake of the configuration', async () => {
  await expect(listen(aServer(), { host: '203.0.113.1', port: 0, variable })).rejects.toMatchObject(
    { code: 'config-invalid' },
  )
})
