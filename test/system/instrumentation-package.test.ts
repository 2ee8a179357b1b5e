import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenAiEndpoint, openOpenAiEndpoint } from '../support/openai-endpoint.ts'
import { type OtlpSink, openOtlpSink } from '../support/otlp-sink.ts'
import { cacheFolder, command, sayMissing, succeed, tell } from '../support/outside.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const MAX_INSTALLED_MB = 40
/** The project's own major, and the oldest and a middle one of those that are instrumented. */
const OPENAI_MAJORS = [7, 5, 4]
const NODE_MAJORS = [24, 22]
const AGENTS = 'test/instrumentation/agents'
const REGISTER = ['--import', '@neosigma/instrumentation/register']

const npm = (cwd: string, ...parameters: string[]): Promise<string> =>
  succeed('npm', [...parameters, '--no-audit', '--no-fund', '--loglevel=error'], { cwd })

const reached = (await command('npm', ['view', 'openai', 'version'])).code === 0
if (!reached) sayMissing('installing @neosigma/instrumentation', 'no package registry is reached')

/** npm packs a copy, with the scripts of the package itself: the checkout stays as it is while others use it. */
const pack = async (folder: string): Promise<string> => {
  const copy = join(folder, 'checkout')
  mkdirSync(copy)
  cpSync('instrumentation', join(copy, 'instrumentation'), {
    recursive: true,
    filter: (path) => !/\/(node_modules|dist)$/.test(path),
  })
  cpSync('tsconfig.json', join(copy, 'tsconfig.json'))
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'))
  await npm(join(copy, 'instrumentation'), 'pack', '--pack-destination', folder)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm packed nothing')
  return join(folder, tarball)
}

const nodeOf = async (major: number): Promise<string> => {
  const folder = cacheFolder(`node-${major}`)
  const binary = join(folder, 'node_modules/node/bin/node')
  if (!existsSync(binary)) {
    writeFileSync(join(folder, 'package.json'), '{"allowScripts":{"node":true}}')
    await npm(folder, 'install', `node@${major}`)
  }
  return binary
}

describe.skipIf(!reached)('the package installed into an empty project', () => {
  const { folder, remove } = temporaryFolder()
  const project = join(folder, 'project')
  let model: OpenAiEndpoint
  let installedMb = 0

  beforeAll(async () => {
    model = await openOpenAiEndpoint()
    const tarball = await pack(folder)
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), '{}')
    await npm(project, 'install', tarball)
    installedMb = Number.parseInt(
      await succeed('du', ['-sm', 'node_modules'], { cwd: project }),
      10,
    )
    for (const major of OPENAI_MAJORS) {
      const part = join(project, `openai-${major}`)
      mkdirSync(part)
      writeFileSync(join(part, 'package.json'), '{}')
      await npm(part, 'install', `openai@${major}`)
      for (const agent of ['calls.mjs', 'calls.cjs']) cpSync(join(AGENTS, agent), join(part, agent))
    }
    cpSync(join(AGENTS, 'ends.mjs'), join(project, 'ends.mjs'))
  })
  afterAll(async () => {
    await model.close()
    remove()
  })

  const run = (node: string, cwd: string, parameters: readonly string[], port: number) =>
    command(node, parameters, {
      cwd,
      env: {
        NODE_OPTIONS: '',
        OPENAI_BASE_URL: model.baseUrl,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        NEOSIGMA_AGENT: 'packed',
        NEOSIGMA_EXIT_WAIT_MS: '20000',
      },
    })

  test(`takes at most ${MAX_INSTALLED_MB} MB`, () => {
    tell(`@neosigma/instrumentation: ${installedMb} MB installed`)
    expect(installedMb).toBeLessThanOrEqual(MAX_INSTALLED_MB)
  })

  describe.each(NODE_MAJORS)('on Node %i', (nodeMajor) => {
    let node: string
    let sink: OtlpSink
    beforeAll(async () => {
      node = await nodeOf(nodeMajor)
      expect(await succeed(node, ['--version'])).toMatch(`v${nodeMajor}.`)
    })

    test.each(OPENAI_MAJORS)(
      'watches agents with openai %i, ES modules and CommonJS',
      async (major) => {
        sink = await openOtlpSink()
        const part = join(project, `openai-${major}`)
        try {
          const alone = await run(node, part, ['calls.mjs'], sink.grpcPort)
          const watched = await run(node, part, [...REGISTER, 'calls.mjs'], sink.grpcPort)
          expect(watched).toEqual(alone)
          const names = (await sink.spans()).map(({ name }) => name)
          // Every call of the agent but those of the responses API, which joined during major 4.
          expect(names.length).toBeGreaterThanOrEqual(11)
          expect(names).toEqual(expect.arrayContaining(['chat parsed', 'chat cut', 'chat raw']))
          const { code, stdout } = await run(node, part, [...REGISTER, 'calls.cjs'], sink.grpcPort)
          expect({ code, stdout }).toEqual({ code: 0, stdout: '{"answer":42}' })
          expect(await sink.spans()).toHaveLength(names.length + 1)
          expect((await sink.logs()).map(({ event }) => event)).toContain('gen_ai.choice')
          tell(`Node ${nodeMajor}, openai ${major}: ${names.length + 1} spans`)
        } finally {
          await sink.close()
        }
      },
    )

    test('can be imported and required', async () => {
      const shown = 'process.stdout.write(typeof withIdentity + typeof liveConfig)'
      const esm = `import { withIdentity, liveConfig } from '@neosigma/instrumentation'; ${shown}`
      const cjs = `const { withIdentity, liveConfig } = require('@neosigma/instrumentation'); ${shown}`
      for (const parameters of [
        ['--input-type=module', '-e', esm],
        ['--input-type=commonjs', '-e', cjs],
      ]) {
        const { output } = await run(node, project, parameters, 1)
        expect(output).toBe('functionfunction')
      }
    })

    test('holds an ending process for less than two seconds when the receiver is away', async () => {
      const silent = createServer()
      await new Promise<void>((done) => {
        silent.listen(0, '127.0.0.1', done)
      })
      const address = silent.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      for (const end of ['work', 'exit', 'throw', 'rejection', 'timer'])
        for (const [name, at] of [
          ['refuses', 1],
          ['is silent', port],
        ] as const) {
          const heldMs = await timeToEnd(node, end, at)
          tell(`Node ${nodeMajor}, ends by ${end}, the receiver ${name}: ${heldMs} ms held`)
          expect(heldMs).toBeLessThan(2000)
        }
      silent.close()
    })
  })

  /** From the first `exit` listener, when the host is done, to the end of the process; the listener is the host's own. */
  const timeToEnd = async (node: string, end: string, port: number): Promise<number> => {
    const preload = `process.once('exit', () => process.stderr.write('\\nended ' + Date.now() + '\\n'))`
    const { output } = await command(
      node,
      ['--import', `data:text/javascript,${encodeURIComponent(preload)}`, ...REGISTER, 'ends.mjs'],
      {
        cwd: project,
        env: {
          NODE_OPTIONS: '',
          END: end,
          NEOSIGMA_EXIT_WAIT_MS: '',
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        },
      },
    )
    return Date.now() - Number(/ended (\d+)/.exec(output)?.[1])
  }

  test('has types for ES modules and CommonJS', async () => {
    const source = [
      `import { type Identity, liveConfig, recordEvaluation, recordFeedback, sdkParts, startInstrumentation, withIdentity } from '@neosigma/instrumentation'`,
      `import '@neosigma/instrumentation/register'`,
      `const identity: Identity = { agentName: 'desk', taskType: 'refund' }`,
      `export const answer: Promise<number> = withIdentity(identity, async () => 42)`,
      `recordEvaluation({ name: 'helpful', value: 1 })`,
      `export const taken: Promise<boolean> = recordFeedback({ name: 'good', value: 1 })`,
      `export const live = await liveConfig({ agent: 'desk', fallback: { digest: 'd', config: {} } })`,
      `export const parts = sdkParts({ captureContent: false })`,
      `export const running = startInstrumentation({ redact: (text) => text })`,
      `// @ts-expect-error an identity has no such member`,
      `withIdentity({ agent: 'desk' }, () => {})`,
    ].join('\n')
    writeFileSync(join(project, 'consumer.mts'), source)
    const common = source.replace('await liveConfig', 'liveConfig')
    writeFileSync(join(project, 'consumer.cts'), common)
    const { code, output } = await command(
      resolve('node_modules/.bin/tsc'),
      [
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--skipLibCheck',
        'consumer.mts',
        'consumer.cts',
      ],
      { cwd: project },
    )
    expect({ code, output }).toEqual({ code: 0, output: '' })
  })
})
