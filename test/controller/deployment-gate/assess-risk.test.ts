import { expect, test } from 'vitest'
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
  const one = assessRisk(replace('/prompts/system/0/text', 'x'), config, [])
  const two = assessRisk(
    [...replace('/prompts/system/0/text', 'x'), ...replace('/context/strategy', 'summarize')],
    config,
    [],
  )
  expect(two.score).toBeGreaterThan(one.score)
  expect(two.level).toBe('medium')
  expect(two.reasons[0]).toContain('scaffold')
})

test('rewriting everything and a guardrail that tends to fall raise the risk', () => {
  const rewrite = replace('/prompts/system/0/text', 'y'.repeat(5000))
  const falling = { role: 'guardrail', metric: 'success', effect: -0.01 } as Evidence
  const calm = assessRisk(replace('/prompts/system/0/text', 'y'), config, [])
  expect(assessRisk(rewrite, config, []).score).toBeGreaterThan(calm.score)
  expect(levelOf(rewrite)).toBe('medium')
  expect(levelOf(rewrite, [falling])).toBe('medium')
  expect(assessRisk(rewrite, config, [falling]).reasons.join()).toContain('success tends to fall')
})

test('the size of a change counts what it brings and what it removes', () => {
  expect(diffChars([])).toBe(0)
  expect(diffChars(replace('/prompts/system/0/text', 'four'))).toBe(4)
  expect(diffChars([{ op: 'remove', path: '/fewShot/0' }])).toBe('/fewShot/0'.length)
  expect(diffChars([{ op: 'test', path: '/a', value: 'long text' }])).toBe(0)
  expect(diffChars([{ op: 'add', path: '/skills/-', value: { id: 'a', text: 'b' } }])).toBe(21)
})
