import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ROLES } from '../../../deploy/embedded/roles.ts'
import { freePorts } from '../../../deploy/local/free-ports.ts'
import { runCli, startCli } from '../../support/cli.ts'
import { startRoleProcess } from '../../support/role-process.ts'
import { openAgentTelemetry } from '../../support/telemetry-of-agents.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

test('the receiver may run in a process of its own beside the roles that use the store', async () => {
  const { folder, remove } = temporaryFolder()
  onTestFinished(remove)
  const dataDir = join(folder, 'data')
  const [grpcPort = 0, httpPort = 0] = await freePorts(2)
  const receiver = await startRoleProcess('receiver', {
    NEOSIGMA_DATA_DIR: dataDir,
    NEOSIGMA_OTLP_GRPC_PORT: String(grpcPort),
    NEOSIGMA_OTLP_HTTP_PORT: String(httpPort),
  })
  onTestFinished(() => receiver.stop())
  const others = ROLES.filter((role) => role !== 'receiver')
  const rest = await startCli({ dataDir }, ['serve', ...others])
  onTestFinished(async () => void (await rest.end('SIGKILL')))

  const telemetry = openAgentTelemetry(
    `http://127.0.0.1:${grpcPort}`,
    `http://127.0.0.1:${httpPort}`,
  )
  const ids = [1, 2].map((number) => telemetry.run(number))
  await telemetry.flush()
  const listed = async (): Promise<readonly string[]> => {
    const { stdout } = await runCli(['runs', '--json'], { dataDir })
    const runs = JSON.parse(stdout) as readonly { readonly traceId: string }[]
    return runs.map(({ traceId }) => traceId).sort()
  }
  await expect.poll(listed, { timeout: 30_000 }).toEqual([...ids].sort())
  expect(await rest.end('SIGTERM')).toBe(0)
}, 120_000)
