import fc from 'fast-check'
import { expect, test } from 'vitest'
import { configDiff } from '../../../controller/prompt-optimizer/config-diff.ts'
import { crossConfigs } from '../../../controller/prompt-optimizer/cross-configs.ts'
import { applyPatch } from '../../../controller/safety/apply-patch.ts'
import { type AgentConfig, agentConfig, configDigest } from '../../../schemas/agent-config.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'
import { aConfig } from '../../support/a-search.ts'

const items = fc.array(
  fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd/~e'), text: fc.constantFrom('1', '2', '') }),
  { maxLength: 6 },
)

const configs: fc.Arbitrary<AgentConfig> = fc
  .record({
    prompts: fc.record({ main: items, 'other/~1': items }),
    fewShot: items,
    skills: items,
    output: fc.record(
      {
        parser: fc.constantFrom('strict', 'lenient'),
        schema: fc.constantFrom({}, { type: 'object' }),
      },
      { requiredKeys: ['parser'] },
    ),
    retry: fc.record({ maxAttempts: fc.integer({ min: 1, max: 5 }) }),
    context: fc.record({ maxTokens: fc.integer({ min: 256, max: 300 }) }, { requiredKeys: [] }),
  })
  .map((config) => agentConfig.parse(config))

test('the diff of two configurations, applied to the one, gives the other', () => {
  fc.assert(
    fc.property(configs, configs, (from, to) => {
      const applied = applyPatch(from, configDiff(from, to))
      expect(applied).toEqual({ ok: true, config: to })
    }),
    { numRuns: 500 },
  )
})

test('equal configurations differ by nothing', () => {
  expect(configDiff(aConfig(), aConfig())).toEqual([])
})

test('a new section touches none of its neighbours', () => {
  const base = aConfig()
  const sections = base.prompts['main'] ?? []
  const added = { id: 'first', text: 'Read the question twice.' }
  const to = { ...base, prompts: { main: [added, ...sections] } }
  expect(configDiff(base, to)).toEqual([{ op: 'add', path: '/prompts/main/0', value: added }])
})

test('a changed model shows in the diff, so that it can be refused', () => {
  const to = aConfig({ model: { name: 'other', params: {} } })
  expect(configDiff(aConfig(), to)).toEqual([
    { op: 'replace', path: '/model/name', value: 'other' },
  ])
})

const withSection = (id: string): AgentConfig => {
  const base = aConfig()
  return {
    ...base,
    prompts: { main: [...(base.prompts['main'] ?? []), { id, text: `Mind ${id}.` }] },
  }
}

test('a child of two specialists has the additions of both', () => {
  const first = withSection('left')
  const second = { ...withSection('right'), retry: { ...aConfig().retry, maxAttempts: 3 } }
  const child = crossConfigs({
    baseline: aConfig(),
    first,
    second,
    known: [],
    random: seededRandom(1),
  })
  const applied = applyPatch(first, child?.patch ?? [])
  const ids = applied.ok ? applied.config.prompts['main']?.map(({ id }) => id) : []
  expect(new Set(ids)).toEqual(new Set(['role', 'safety', 'style', 'left', 'right']))
  expect(applied.ok && applied.config.retry.maxAttempts).toBe(3)
  expect(applied.ok && configDigest(applied.config)).toBe(child?.digest)
})

test('what one parent removed stays removed in the child', () => {
  const base = aConfig()
  const second = { ...base, prompts: { main: (base.prompts['main'] ?? []).slice(0, 2) } }
  const first = withSection('left')
  const child = crossConfigs({ baseline: base, first, second, known: [], random: seededRandom(1) })
  const applied = applyPatch(first, child?.patch ?? [])
  expect(applied.ok && applied.config.prompts['main']?.map(({ id }) => id)).toEqual([
    'role',
    'safety',
    'left',
  ])
})

test('parents that give nothing new have no child', () => {
  const base = aConfig()
  const known = [configDigest(base)]
  expect(
    crossConfigs({ baseline: base, first: base, second: base, known, random: seededRandom(1) }),
  ).toBeNull()
})
