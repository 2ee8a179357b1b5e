import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { runCli, type StartedCli, startCli } from '../../support/cli.ts'
import { openAgentTelemetry } from '../../support/telemetry-of-agents.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

interface Run {
  readonly traceId: string
  readonly outcome: string
}

const listed = async (dataDir: string): Promise<readonly Run[]> => {
  const { status, stdout, stderr } = await runCli(['runs', '--json'], { dataDir })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout) as readonly Run[]
}
const send = async ({ grpcPort, httpPort }: StartedCli, numbers: readonly number[]) => {
  const telemetry = openAgentTelemetry(
    `http://127.0.0.1:${grpcPort}`,
    `http://127.0.0.1:${httpPort}`,
  )
  const ids = numbers.map((number) => telemetry.run(number))
  await telemetry.flush()
  return ids
}

test('neosigma start takes what an agent sends, lists its runs, and goes on after kill -9 where it was', async () => {
  const { folder, remove } = temporaryFolder()
  onTestFinished(remove)
  const dataDir = join(folder, 'data')
  const first = await startCli({ dataDir })
  const ids = await send(first, [1, 2, 3])
  await first.end('SIGKILL')
  expect(existsSync(join(dataDir, 'api.json'))).toBe(true)

  const second = await startCli({ dataDir })
  onTestFinished(async () => void (await second.end('SIGKILL')))
  ids.push(...(await send(second, [4])))
  await expect.poll(async () => (await listed(dataDir)).length, { timeout: 30_000 }).toBe(4)
  expect(new Set((await listed(dataDir)).map(({ traceId }) => traceId))).toEqual(new Set(ids))

  const failed = await runCli(['runs', '--json', '--failed', '--limit', '5'], { dataDir })
  expect(JSON.parse(failed.stdout)).toMatchObject([{ traceId: ids[3], outcome: 'fail' }])
  const one = await runCli(['run', ids[0] ?? '', '--json'], { dataDir })
  expect(JSON.parse(one.stdout)).toMatchObject({ traceId: ids[0], outcome: 'pass' })

  expect(await second.end('SIGTERM')).toBe(0)
  expect(existsSync(join(dataDir, 'api.json'))).toBe(false)
  // Nothing runs any more: the command opens the folder itself.
  expect(await listed(dataDir)).toHaveLength(4)
}, 90_000)

describe('neosigma start', () => {
  const { folder, remove } = temporaryFolder()
  const dataDir = join(folder, 'data')
  let running: StartedCli
  beforeAll(async () => {
    running = await startCli({ dataDir })
  })
  afterAll(async () => {
    await running.end('SIGKILL')
    remove()
  })

  test('says how to point an agent at it', () => {
    const { stdout } = running.output()
    expect(stdout).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${running.httpPort}`)
    expect(stdout).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${running.grpcPort}`)
    expect(stdout).toContain('--import @neosigma/instrumentation/register')
    expect(stdout).toContain(running.url)
    expect(stdout).toContain(dataDir)
  })

  test('refuses a data folder that another process uses, and names the process', async () => {
    const { status, stderr } = await runCli(['start'], { dataDir })
    expect(status).toBe(78)
    expect(stderr).toContain(
      `${dataDir} is in use by process ${running.child.pid}. [data-folder-in-use]`,
    )
  })

  test.each([
    ['NEOSIGMA_OTLP_GRPC_PORT', 'grpcPort'],
    ['NEOSIGMA_OTLP_HTTP_PORT', 'httpPort'],
    ['NEOSIGMA_API_PORT', 'url'],
  ] as const)(
    'names %s where its port is in use, and leaves nothing behind',
    async (variable, of) => {
      const port = of === 'url' ? new URL(running.url).port : String(running[of])
      const other = join(folder, 'other')
      const options = { dataDir: other, environment: { [variable]: port } }
      const { status, stdout, stderr } = await runCli(['start'], options)
      expect({ status, stdout }).toEqual({ status: 78, stdout: '' })
      expect(stderr.trim().split('\n')).toHaveLength(1)
      expect(stderr).toContain(`127.0.0.1:${port} (${variable})`)
      expect(stderr).toContain('[port-in-use]')
      expect(existsSync(join(other, 'neosigma.lock'))).toBe(false)
    },
  )
})

test('started by npm, the system ends with it: npm does not wait for what it runs', async () => {
  const { folder, remove } = temporaryFolder()
  onTestFinished(remove)
  const dataDir = join(folder, 'data')
  const npm = spawn('npm', ['start', '--prefix', ROOT], {
    cwd: folder,
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      NEOSIGMA_DATA_DIR: dataDir,
      NEOSIGMA_OTLP_GRPC_PORT: '0',
      NEOSIGMA_OTLP_HTTP_PORT: '0',
      NEOSIGMA_API_PORT: '0',
    },
  })
  onTestFinished(() => void npm.kill('SIGKILL'))
  const isThere = (): boolean => existsSync(join(dataDir, 'api.json'))
  await expect.poll(isThere, { timeout: 60_000 }).toBe(true)
  npm.kill('SIGKILL')
  await expect.poll(isThere, { timeout: 30_000 }).toBe(false)
  // It lets go of the folder a little later, and whoever starts next waits for that.
  const next = await startCli({ dataDir })
  expect(await next.end('SIGTERM')).toBe(0)
}, 120_000)
