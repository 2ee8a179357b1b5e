import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCli, type StartedCli, startCli } from '../../support/cli.ts'
import { openAgentTelemetry } from '../../support/telemetry-of-agents.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

interface Run {
  readonly traceId: string
  readonly outcome: string
}

let folder: ReturnType<typeof temporaryFolder>
let dataDir: string
let started: StartedCli | null
const start = async (): Promise<StartedCli> => {
  started = await startCli({ dataDir })
  return started
}
beforeEach(() => {
  folder = temporaryFolder()
  dataDir = join(folder.folder, 'data')
  started = null
})
afterEach(async () => {
  if (started?.child.exitCode === null && started.child.signalCode === null)
    await started.end('SIGKILL')
  folder.remove()
})

const listed = async (): Promise<readonly Run[]> => {
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

describe('neosigma start', () => {
  test('takes what an agent sends, lists its runs, and goes on after kill -9 where it was', async () => {
    const first = await start()
    const ids = await send(first, [1, 2, 3])
    await first.end('SIGKILL')
    expect(existsSync(join(dataDir, 'api.json'))).toBe(true)

    const second = await start()
    ids.push(...(await send(second, [4])))
    await expect.poll(async () => (await listed()).length, { timeout: 20_000 }).toBe(4)
    expect(new Set((await listed()).map(({ traceId }) => traceId))).toEqual(new Set(ids))

    const failed = await runCli(['runs', '--json', '--failed', '--limit', '5'], { dataDir })
    expect(JSON.parse(failed.stdout)).toMatchObject([{ traceId: ids[3], outcome: 'fail' }])
    const one = await runCli(['run', ids[0] ?? '', '--json'], { dataDir })
    expect(JSON.parse(one.stdout)).toMatchObject({ traceId: ids[0], outcome: 'pass' })

    expect(await second.end('SIGTERM')).toBe(0)
    expect(existsSync(join(dataDir, 'api.json'))).toBe(false)
    // Nothing runs any more: the command opens the folder itself.
    expect(await listed()).toHaveLength(4)
  })

  test('says how to point an agent at it', async () => {
    const { output, grpcPort, httpPort, url } = await start()
    const { stdout } = output()
    expect(stdout).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${httpPort}`)
    expect(stdout).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${grpcPort}`)
    expect(stdout).toContain('--import @neosigma/instrumentation/register')
    expect(stdout).toContain(url)
    expect(stdout).toContain(dataDir)
  })

  test('refuses a data folder that another process uses, and names the process', async () => {
    const { child } = await start()
    const { status, stderr } = await runCli(['start'], { dataDir })
    expect(status).toBe(78)
    expect(stderr).toContain(`${dataDir} is in use by process ${child.pid}. [data-folder-in-use]`)
  })

  test.each([
    ['NEOSIGMA_OTLP_GRPC_PORT', 'grpcPort'],
    ['NEOSIGMA_OTLP_HTTP_PORT', 'httpPort'],
    ['NEOSIGMA_API_PORT', 'url'],
  ] as const)(
    'names %s where its port is in use, and leaves nothing behind',
    async (variable, of) => {
      const running = await start()
      const port = of === 'url' ? new URL(running.url).port : String(running[of])
      const other = join(folder.folder, 'other')
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
