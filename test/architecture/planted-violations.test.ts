import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { cruiseTree, violationsOf } from './cruise-tree.ts'
import configuration from './dependency-rules.mjs'

const importing = (...names: readonly string[]): string =>
  names.map((name, place) => `import * as m${place} from '${name}'\n`).join('') || 'export {}\n'

/** What the planted files import, and what may be imported: a tree that keeps the rules. */
const COMPLIANT: Readonly<Record<string, string>> = {
  'schemas/topics.ts': importing('zod'),
  'instrumentation/index.ts': importing('../schemas/topics.ts'),
  'pipeline/service-runtime/clock.ts': importing('../../schemas/topics.ts'),
  'pipeline/event-log/event-log.ts': importing('node:sqlite', 'kafkajs'),
  'pipeline/event-log/kafka-event-log.ts': importing('kafkajs', './event-log.ts'),
  'pipeline/event-log/open-event-log.ts': importing('./kafka-event-log.ts'),
  'pipeline/model-client/model-client.ts': importing('../../schemas/topics.ts'),
  'pipeline/receiver/main.ts': importing('../event-log/open-event-log.ts'),
  'pipeline/receiver/intake.ts': importing('node:http'),
  'consumers/priority/rank.ts': importing('node:crypto', 'zod', '../../schemas/topics.ts'),
  'consumers/diagnosis/ask.ts': importing('../../pipeline/model-client/model-client.ts'),
  'consumers/miner/main.ts': importing('../../pipeline/event-log/open-event-log.ts'),
  'consumers/miner/place.ts': importing('../priority/rank.ts'),
  'controller/monitor/watch.ts': importing('../../consumers/priority/rank.ts', 'fastify'),
  'deploy/embedded/main.ts': importing('../../consumers/miner/main.ts', 'fastify'),
  'test/support/builder.ts': importing(),
}

/** Rule → a file that breaks it, and what that file imports. */
const PLANTED: Readonly<Record<string, readonly [file: string, name: string]>> = {
  'schemas-imports-upstream-only': ['schemas/bad.ts', '../pipeline/service-runtime/clock.ts'],
  'instrumentation-imports-upstream-only': [
    'instrumentation/bad.ts',
    '../pipeline/service-runtime/clock.ts',
  ],
  'pipeline-imports-upstream-only': ['pipeline/writer/bad.ts', '../../consumers/priority/rank.ts'],
  'consumers-imports-upstream-only': ['consumers/runs/bad.ts', '../../controller/monitor/watch.ts'],
  'controller-imports-upstream-only': ['controller/api/bad.ts', '../../deploy/embedded/main.ts'],
  'deploy-imports-upstream-only': ['deploy/cli/bad.ts', '../../test/support/builder.ts'],
  'services-meet-at-topics': ['consumers/runs/meets.ts', '../../pipeline/receiver/intake.ts'],
  'controller-takes-only-thinking-from-consumers': [
    'controller/api/takes.ts',
    '../../consumers/miner/place.ts',
  ],
  'nothing-imports-a-main': ['controller/api/starts.ts', '../../consumers/miner/main.ts'],
  'pure-does-no-io': ['consumers/priority/reads.ts', 'node:fs'],
  'pure-uses-only-listed-packages': ['controller/cycle/packs.ts', 'fastify'],
  'pure-imports-only-pure': [
    'consumers/signals/waits.ts',
    '../../pipeline/service-runtime/clock.ts',
  ],
  'adapters-hide-behind-their-opener': [
    'pipeline/writer/adapts.ts',
    '../event-log/kafka-event-log.ts',
  ],
  'only-mains-open-adapters': ['pipeline/writer/opens.ts', '../event-log/open-event-log.ts'],
  'clients-stay-in-their-port': ['controller/api/client.ts', 'kafkajs'],
  'sqlite-stays-in-the-event-log': ['controller/api/sqlite.ts', 'node:sqlite'],
  'instrumentation-stays-light': ['instrumentation/heavy.ts', 'fastify'],
  'no-cycles': ['consumers/runs/left.ts', './right.ts'],
  'no-bins': ['controller/api/bins.ts', './utils.ts'],
  'every-import-resolves': ['deploy/cli/lost.ts', './nowhere.ts'],
  'product-needs-no-dev-package': ['deploy/cli/dev.ts', 'vitest'],
}

const REST: Readonly<Record<string, string>> = {
  'consumers/runs/right.ts': importing('./left.ts'),
  'controller/api/utils.ts': importing(),
}

const PACKAGES = {
  dependencies: { zod: '1', kafkajs: '1', fastify: '1' },
  devDependencies: { vitest: '1' },
}

/** A small tree of its own: packages are empty, so that the real ones do not matter. */
const plant = (folder: string, files: Readonly<Record<string, string>>): void => {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('package.json', JSON.stringify({ type: 'module', ...PACKAGES }))
  for (const name of Object.values(PACKAGES).flatMap(Object.keys)) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }))
    write(`node_modules/${name}/index.js`, '')
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
}

const violationsIn = async (
  files: Readonly<Record<string, string>>,
): Promise<readonly string[]> => {
  const { folder, remove } = temporaryFolder()
  try {
    plant(folder, files)
    return violationsOf(await cruiseTree(folder))
  } finally {
    remove()
  }
}

test('a tree that keeps the rules is green', async () => {
  expect(await violationsIn(COMPLIANT)).toEqual([])
})

test('every rule has a planted violation', () => {
  const rules = (configuration.forbidden ?? []).map(({ name }) => name)
  expect(Object.keys(PLANTED).sort()).toEqual(rules.sort())
})

describe('a planted violation is red under its rule', () => {
  let violations: readonly string[]
  beforeAll(async () => {
    const planted = Object.values(PLANTED).map(([file, name]) => [file, importing(name)])
    violations = await violationsIn({ ...COMPLIANT, ...REST, ...Object.fromEntries(planted) })
  })
  afterAll(() => expect(violations.length).toBeGreaterThanOrEqual(Object.keys(PLANTED).length))

  test.each(Object.entries(PLANTED))('%s', (rule, [file]) => {
    expect(violations.filter((one) => one.startsWith(`${rule}: ${file} `))).not.toEqual([])
  })
})
