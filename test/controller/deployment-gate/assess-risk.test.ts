import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assessRisk, diffChars } from '../../../controller/deployment-gate/assess-risk.ts'
import { agentConfig, type ConfigPatch } from '../../../schemas/agent-config.ts'
import type { Evidence } from '../../../schemas/evidence.ts'

const config = agentConfig.parse({
  prompts: { system: [{ id: 'rules', text: 'Answer politely and check every date. '.repeat(40) }] },
  tools: [{ name: 'search', description: 'finds flights' }],
  model: { name: 'small' },
})

const replace = (path: string, value: unknown): ConfigPatch => [{ op: 'replace', path, value }]
const levelOf = (patch: ConfigPatch, evidence: readonly Evidence[] = []) =>
  assessRisk(patch, config, evidence).level

test.each([
  ['/prompts/system/1', 'low'],
  ['/fewShot/0', 'low'],
  ['/tools/0/description', 'low'],
  ['/retry/maxAttempts', 'medium'],
  ['/guards/maxSteps', 'medium'],
  ['/tools/0/parameters', 'high'],
  ['/tools/0', 'high'],
  ['/model/name', 'high'],
  ['/somethingNew', 'high'],
  ['', 'high'],
])('a small change of %s has risk %s', (path, level) => {
  expect(levelOf(replace(path, 'x'))).toBe(level)
})

test('the riskiest part decides, and each further part adds', () => {
  const one = assessRisk(replace('/tools/0/description', 'x'), config, [])
  const two = assessRisk(
    [...replace('/tools/0/description', 'x'), ...replace('/context/strategy', 'summarize')],
    config,
    [],
  )
  expect(two.score).toBeGreaterThan(one.score)
  expect(two.level).toBe('medium')
  expect(two.reasons[0]).toContain('scaffold')
})

test('rewriting everything and a guardrail that tends to fall raise the risk', () => {
  const rewrite = replace('/prompts/system/0/text', 'y'.repeat(5000))
  const falling = { role: 'guardrail', metric: 'success', effect: -0.03, margin: 0.05 } as Evidence
  const steady = { ...falling, effect: -0.02 }
  const calm = assessRisk(replace('/prompts/system/0/text', 'y'), config, [])
  expect(assessRisk(rewrite, config, []).score).toBeGreaterThan(calm.score)
  expect(levelOf(rewrite)).toBe('medium')
  expect(assessRisk(rewrite, config, [steady]).score).toBe(assessRisk(rewrite, config, []).score)
  expect(assessRisk(rewrite, config, [falling]).reasons.join()).toContain('success tends to fall')
})

describe('the size of a change', () => {
  const sizeOf = (patch: ConfigPatch) => diffChars(patch, config)
  const text = config.prompts['system']?.[0]?.text ?? ''

  test('is that of what is new, not of the section it stands in', () => {
    const middle = text.length / 2
    const longer = `${text.slice(0, middle)} Be brief. ${text.slice(middle)}`
    expect(sizeOf(replace('/prompts/system/0/text', longer))).toBe(' Be brief. '.length)
    expect(sizeOf(replace('/prompts/system/0/text', text))).toBe(0)
    expect(sizeOf(replace('/prompts/system/0/text', ''))).toBe(text.length)
  })

  test('counts what is added and what is removed', () => {
    expect(sizeOf([])).toBe(0)
    expect(sizeOf([{ op: 'add', path: '/skills/-', value: { id: 'a', text: 'b' } }])).toBe(21)
    expect(sizeOf([{ op: 'remove', path: '/tools/0/description' }])).toBe('finds flights'.length)
    expect(sizeOf([{ op: 'test', path: '/model/name', value: 'long text' }])).toBe(0)
  })

  test('is finite for any patch, of paths that do not exist too', () => {
    const operation = fc.record({
      op: fc.constantFrom('add' as const, 'remove' as const, 'replace' as const),
      path: fc.oneof(fc.string(), fc.constantFrom('/tools/0', '/model/name', '/~1a~0b/c')),
      value: fc.jsonValue(),
    })
    fc.assert(
      fc.property(fc.array(operation), (patch) => {
        const risk = assessRisk(patch, config, [])
        expect(sizeOf(patch)).toBeGreaterThanOrEqual(0)
        expect(risk.score).toBeGreaterThanOrEqual(0)
        expect(risk.score).toBeLessThanOrEqual(1)
      }),
    )
  })
})
