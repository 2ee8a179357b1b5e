import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deploymentDecision } from '../../schemas/decision.ts'
import { command, sayMissing, succeed, tell } from '../support/outside.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const npm = (cwd: string, ...parameters: string[]): Promise<string> =>
  succeed('npm', [...parameters, '--no-audit', '--no-fund', '--loglevel=error'], { cwd })

const reached = (await command('npm', ['view', 'zod', 'version'])).code === 0
if (!reached) sayMissing('installing neosigma', 'no package registry is reached')

/** A copy with links to what is installed, since packing turns entry points while others may use the checkout. */
const copyCheckout = (copy: string): void => {
  cpSync('.', copy, {
    recursive: true,
    filter: (path) => !/(^|\/)(node_modules|dist|\.git|\.neosigma)$/.test(path),
  })
  const modules = join(copy, 'node_modules')
  mkdirSync(join(modules, '@neosigma'), { recursive: true })
  for (const name of readdirSync('node_modules'))
    if (name !== '@neosigma') symlinkSync(resolve('node_modules', name), join(modules, name))
  symlinkSync(join(copy, 'instrumentation'), join(modules, '@neosigma/instrumentation'))
}

describe.skipIf(!reached)('the packages installed into an empty project', () => {
  const { folder, remove } = temporaryFolder()
  const project = join(folder, 'project')
  const neosigma = (...parameters: string[]) =>
    command(resolve('node_modules/node/bin/node'), [
      join(project, 'node_modules/.bin/neosigma'),
      ...parameters,
    ])

  beforeAll(async () => {
    const copy = join(folder, 'checkout')
    copyCheckout(copy)
    await npm(copy, 'pack', '--pack-destination', folder)
    await npm(join(copy, 'instrumentation'), 'pack', '--pack-destination', folder)
    const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
    expect(tarballs).toHaveLength(2)
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), '{}')
    await npm(project, 'install', ...tarballs.map((name) => join(folder, name)))
  })
  afterAll(remove)

  test('hold compiled files, their migrations and worlds, and no sources', () => {
    const files = readdirSync(join(project, 'node_modules/neosigma'), { recursive: true }).map(
      String,
    )
    expect(files.filter((name) => name.endsWith('.ts'))).toEqual([])
    expect(files).toContain('dist/deploy/cli/main.js')
    expect(files).toContain('dist/schemas/migrations/0001-open-telemetry.sql')
    expect(files).toContain('dist/deploy/demo/worlds/support-desk.json')
  })

  test('say how they are used', async () => {
    const { code, stdout } = await neosigma('--help')
    expect(code).toBe(0)
    expect(stdout).toContain('import [options] <file>')
  })

  test('show the whole loop, and one JSON document of it', async () => {
    const seed = Math.floor(Math.random() * 1_000_000)
    tell(`demonstration with seed ${seed}`)
    const { code, stdout, output } = await neosigma('demo', '--json', '--seed', String(seed))
    expect(code, output.slice(-3000)).toBe(0)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({ simulatedModel: true, seed })
    for (const figure of ['spans', 'runs', 'failures']) expect(report[figure]).toBeGreaterThan(0)
    for (const { failures, meanScore, recency, priority } of report.clusters)
      expect(priority).toBe(failures * (1 - meanScore) * recency)
    const decisions = report.decisions.map((one: unknown) => deploymentDecision.parse(one))
    expect(new Set(decisions.map(({ id }: { id: string }) => id)).size).toBe(decisions.length)
    const kinds = decisions.map(({ decision }: { decision: string }) => decision)
    expect(kinds).toEqual(expect.arrayContaining(['reject', 'canary', 'promote', 'rollback']))
    const cycle = report.cycles.find(({ outcome }: { outcome: string }) => outcome === 'RolledBack')
    expect(cycle.candidates.map(({ outcome }: { outcome: string }) => outcome)).toEqual(
      expect.arrayContaining(['rejected', 'passed']),
    )
  })
})
