import { afterEach, describe, expect, test, vi } from 'vitest'
import { start } from '../../../deploy/cli/main.ts'

const COMMANDS = [
  'start',
  'demo',
  'serve',
  'import',
  'runs',
  'run',
  'clusters',
  'cycles',
  'decisions',
  'sql',
  'approve',
  'reject',
  'rollback',
  'doctor',
  'rebuild',
  'topics',
]

/** In this process: nothing of it opens anything. */
const run = async (...args: readonly string[]) => {
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const text = (spy: typeof stdout): string => spy.mock.calls.map(([part]) => String(part)).join('')
  const status = await start(args)
  return { status, stdout: text(stdout), stderr: text(stderr) }
}
afterEach(() => vi.restoreAllMocks())

describe('help', () => {
  test('lists every command and the exit codes', async () => {
    const { status, stdout } = await run('--help')
    expect(status).toBe(0)
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'))
    for (const code of [0, 1, 64, 69, 70, 78])
      expect(stdout).toMatch(new RegExp(`^ {2}${code} `, 'm'))
  })

  test.each(COMMANDS)('of %s has examples and exit codes', async (command) => {
    const { status, stdout, stderr } = await run(command, '--help')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain(`neosigma ${command}`)
    expect(stdout).toContain('Examples:')
    expect(stdout).toContain('Exit codes:')
  })
})

describe('arguments that cannot be used end with 64 and one message', () => {
  test.each([
    ['an unknown command', ['bogus']],
    ['no command', []],
    ['an unknown option', ['runs', '--bogus']],
    ['a limit that is no number', ['runs', '--limit', 'many']],
    ['a limit of 0', ['runs', '--limit', '0']],
    ['a time that is none', ['runs', '--since', 'yesterday']],
    ['an outcome that is none', ['runs', '--outcome', 'maybe']],
    ['two outcomes', ['runs', '--failed', '--outcome', 'pass']],
    ['a trace id that is none', ['run', 'xyz']],
    ['an unknown role', ['serve', 'nothing']],
    ['no role', ['serve']],
    ['no file', ['import', '--format', 'tau-bench']],
    ['no format', ['import', 'file.json']],
    ['an unknown format', ['import', 'file.json', '--format', 'csv']],
    ['a spacing that is none', ['import', 'f', '--format', 'tau-bench', '--spacing', 'soon']],
    ['a digest that is none', ['rollback', 'agent', '--to', 'v1']],
    ['a seed that is none', ['demo', '--seed', 'x']],
    ['a listing that is none', ['rebuild', 'runs']],
    ['an argument too many', ['runs', 'all']],
  ])('%s', async (_what, args) => {
    const { status, stdout, stderr } = await run(...args)
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' })
    expect(stderr).not.toBe('')
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})
