import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CliOptions, runCli } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

let folder: ReturnType<typeof temporaryFolder>
let options: CliOptions
beforeAll(() => {
  folder = temporaryFolder()
  options = { dataDir: join(folder.folder, 'data') }
})
afterAll(() => folder.remove())
const run = (...args: readonly string[]) => runCli(args, options)

describe('what cannot be used ends with 64 and one message', () => {
  test('a file that is not there', async () => {
    const { status, stderr } = await run('import', 'none.json', '--format', 'otlp-json')
    expect(status).toBe(64)
    expect(stderr).toContain('none.json')
  })

  test('a statement that writes, and one the engine refuses', async () => {
    const drop = await run('sql', 'DROP TABLE neosigma_runs')
    expect(drop).toMatchObject({ status: 64, stdout: '' })
    expect(drop.stderr).toContain('[query-refused]')
    expect(await run('sql', '--json', 'SELECT nothing')).toMatchObject({ status: 64, stdout: '' })
  })

  test('a run, a decision and an agent that nobody knows', async () => {
    for (const args of [
      ['run', 'f'.repeat(32)],
      ['approve', 'd-1'],
      ['rollback', 'nobody'],
    ]) {
      const { status, stderr } = await run(...args)
      expect(status).toBe(64)
      expect(stderr).toContain('[not-found]')
    }
  })
})

describe('a configuration that cannot be used ends with 78', () => {
  const configured = (name: string, text: string): CliOptions => {
    const cwd = join(folder.folder, name)
    mkdirSync(cwd)
    writeFileSync(join(cwd, 'neosigma.config.jsonc'), text)
    return { ...options, cwd }
  }

  test('and one message with all problems: unknown keys, wrong types, missing secrets, variables', async () => {
    const text = `{
      // every line has a problem
      "reciever": {},
      "runs": { "quietMs": "soon", "quite": 1 },
      "model": { "baseUrl": "https://models.example/v1" },
      "agents": { "support": { "suit": "suite.json" } },
    }`
    const { status, stdout, stderr } = await runCli(['start'], {
      ...configured('all-problems', text),
      environment: { NEOSIGMA_API_PORT: '99999', KAFKA_USERNAME: 'me', NEOSIGMA_RUN_QUIET_MS: '' },
    })
    expect({ status, stdout }).toEqual({ status: 78, stdout: '' })
    for (const problem of [
      'reciever: unknown key',
      'runs.quietMs (NEOSIGMA_RUN_QUIET_MS)',
      'runs.quite: unknown key',
      'agents.support.suit: unknown key',
      'api.port (NEOSIGMA_API_PORT)',
      'OPENAI_API_KEY: missing',
      'KAFKA_USERNAME, KAFKA_PASSWORD',
    ])
      expect(stderr).toContain(problem)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  test('as does a file that is no JSON, or not there', async () => {
    const broken = await runCli(['runs'], configured('broken', '{ "api": '))
    expect(broken).toMatchObject({ status: 78, stdout: '' })
    expect(broken.stderr).toContain('[config-unreadable]')
    expect((await run('runs', '--config', 'none.jsonc')).status).toBe(78)
  })

  test('as does a data folder that cannot be made', async () => {
    writeFileSync(join(folder.folder, 'file'), '')
    const dataDir = join(folder.folder, 'file', 'data')
    const { status, stderr } = await runCli(['start'], { dataDir, cwd: folder.folder })
    expect(status).toBe(78)
    expect(stderr).toContain('[data-folder-unusable]')
  })

  test('as do store roles apart from each other without a ClickHouse server', async () => {
    const { status, stderr } = await run('serve', 'writer', 'runs')
    expect(status).toBe(78)
    expect(stderr).toContain('[roles-need-clickhouse]')
  })
})

describe('without a running system', () => {
  test('listings open the data folder themselves: arrays on standard output, nothing else', async () => {
    for (const command of ['runs', 'clusters', 'cycles', 'decisions'])
      expect(await run(command, '--json')).toEqual({ status: 0, stdout: '[]\n', stderr: '' })
    const { stdout } = await run('sql', '--json', 'SELECT number AS n FROM numbers(3)')
    expect(JSON.parse(stdout)).toEqual([{ n: '0' }, { n: '1' }, { n: '2' }])
  })

  test('listings are rebuilt in the data folder itself', async () => {
    const { status, stdout } = await run('rebuild', '--json')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual(
      ['cycles', 'evaluations', 'decisions'].map((listing) => ({
        listing,
        records: 0,
        rows: 0,
        done: true,
      })),
    )
    expect(await run('rebuild', 'cycles')).toMatchObject({
      status: 0,
      stdout: 'cycles: 0 rows of 0 records\n',
    })
  })

  test('the doctor finds nothing wrong', async () => {
    const { status, stdout, stderr } = await run('doctor', '--json')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const checks = JSON.parse(stdout) as readonly { name: string; status: string }[]
    for (const name of ['node', 'data folder', 'disk', 'trace store', 'clocks', 'event log'])
      expect(checks).toContainEqual(expect.objectContaining({ name, status: 'ok' }))
  })

  test('a reader that has seen enough is no error', async () => {
    const sql = 'SELECT number FROM numbers(300000)'
    const { status } = await runCli(['sql', sql], { ...options, readsOnly: 1000 })
    expect(status).toBe(0)
  })
})
