import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CliOptions, runCli, startCli } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const CALL = { id: 'a', type: 'function', function: { name: 'get_order', arguments: '{}' } }
/** Runs of two kinds: the one fails, and always in the same way. */
const ROWS = Array.from({ length: 12 }, (_, number) => ({
  task_id: number,
  reward: number % 2,
  info: {},
  traj: [
    { role: 'user', content: `Please refund order ${number}.` },
    { role: 'assistant', content: '', tool_calls: [CALL] },
    {
      role: 'tool',
      name: 'get_order',
      content: number % 2 === 0 ? 'Error: order not found' : '{"paid": true}',
    },
    { role: 'assistant', content: number % 2 === 0 ? 'I cannot refund it.' : 'Refunded.' },
  ],
  trial: 0,
}))

describe('neosigma import', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let file: string
  let options: CliOptions
  beforeAll(() => {
    folder = temporaryFolder()
    file = join(folder.folder, 'runs.json')
    writeFileSync(file, JSON.stringify(ROWS))
    options = { dataDir: join(folder.folder, 'data') }
  })
  afterAll(() => folder.remove())
  const importFile = (...args: readonly string[]) =>
    runCli(['import', file, '--format', 'tau-bench', ...args], options)
  const list = async (...args: readonly string[]): Promise<readonly unknown[]> =>
    JSON.parse((await runCli([...args, '--json'], options)).stdout) as readonly unknown[]

  test('where nothing runs, it returns with the runs assembled and ranked; twice changes nothing', async () => {
    const first = await importFile('--agent', 'desk', '--task-type', 'refund', '--json')
    expect(first.stderr).not.toContain('neosigma:')
    expect(JSON.parse(first.stdout)).toEqual({ runs: 12, sent: 12, skipped: 0, ranked: true })
    const runs = await list('runs')
    expect(runs).toHaveLength(12)
    expect(await list('runs', '--failed', '--agent', 'desk')).toHaveLength(6)
    const clusters = await list('clusters')
    expect(clusters).toMatchObject([{ agent: 'desk', taskType: 'refund', failures: 6, rank: 1 }])
    const [{ id }] = clusters as [{ readonly id: string }]
    // It may have emerged before the last of its failures had arrived, and survived a re-clustering since.
    expect(await list('clusters', '--history', '--cluster', id)).toContainEqual(
      expect.objectContaining({ clusterId: id, agent: 'desk', kind: 'emerged', relatedIds: [] }),
    )

    const second = await importFile('--agent', 'desk', '--task-type', 'refund', '--json')
    expect(JSON.parse(second.stdout)).toEqual({ runs: 12, sent: 0, skipped: 12, ranked: true })
    expect(await list('runs')).toEqual(runs)
    expect(await list('clusters')).toMatchObject([{ failures: 6 }])
  }, 120_000)

  test('without waiting, what was sent is in the log, and the next system makes runs of it', async () => {
    const dataDir = join(folder.folder, 'later')
    const sent = await runCli(['import', file, '--format', 'tau-bench', '--no-wait', '--json'], {
      dataDir,
    })
    expect(JSON.parse(sent.stdout)).toEqual({ runs: 12, sent: 12, skipped: 0, ranked: false })
    const system = await startCli({ dataDir })
    const listed = async (): Promise<number> => {
      const { stdout } = await runCli(['runs', '--json'], { dataDir })
      return (JSON.parse(stdout) as readonly unknown[]).length
    }
    await expect.poll(listed, { timeout: 30_000 }).toBe(12)
    await system.end('SIGTERM')
  }, 120_000)
})
