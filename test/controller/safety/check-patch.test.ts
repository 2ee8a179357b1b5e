import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CheckedPatch, checkPatch } from '../../../controller/safety/check-patch.ts'
import {
  type AgentConfig,
  agentConfig,
  type ConfigPatch,
  configDigest,
} from '../../../schemas/agent-config.ts'
import { policy } from '../../../schemas/policy.ts'
import { aConfig } from '../../support/a-search.ts'

const check = (
  patch: ConfigPatch,
  options: { base?: AgentConfig; untrusted?: string[] } = {},
): CheckedPatch =>
  checkPatch({
    base: options.base ?? aConfig(),
    patch,
    untrusted: options.untrusted ?? [],
    policy: policy.parse({}),
  })

const reasonsOf = (checked: CheckedPatch): readonly string[] => (checked.ok ? [] : checked.reasons)

const adding = (text: string): ConfigPatch => [
  { op: 'add', path: '/prompts/main/-', value: { id: 'new', text } },
]

describe('what the loop may change', () => {
  test.each<[string, ConfigPatch]>([
    ['a new section', adding('State the currency of every fine.')],
    [
      'the text of a section',
      [{ op: 'replace', path: '/prompts/main/2/text', value: 'Be brief.' }],
    ],
    ['the end of a section', [{ op: 'remove', path: '/prompts/main/2' }]],
    [
      'a tool description',
      [{ op: 'replace', path: '/tools/0/description', value: 'Finds a book by its title.' }],
    ],
    ['a tool, off', [{ op: 'replace', path: '/tools/0/enabled', value: false }]],
    [
      'an example',
      [{ op: 'add', path: '/fewShot/-', value: { id: 'e', text: 'Question and answer.' } }],
    ],
    [
      'a skill',
      [{ op: 'replace', path: '/skills/0/text', value: 'Look the loan up before renewing it.' }],
    ],
    ['the parser', [{ op: 'replace', path: '/output/parser', value: 'lenient' }]],
    ['retries', [{ op: 'replace', path: '/retry/maxAttempts', value: 3 }]],
    ['the context', [{ op: 'add', path: '/context/toolOutputMaxChars', value: 4000 }]],
    ['the number of steps', [{ op: 'replace', path: '/guards/maxSteps', value: 20 }]],
  ])('%s', (_, patch) => {
    const checked = check(patch)
    expect(reasonsOf(checked)).toEqual([])
    expect(checked.ok && checked.digest).toBe(checked.ok && configDigest(checked.config))
    expect(checked.ok && checked.digest).not.toBe(configDigest(aConfig()))
  })
})

describe('what it may not', () => {
  test.each<[string, ConfigPatch, string]>([
    [
      'the model',
      [{ op: 'replace', path: '/model/name', value: 'other' }],
      'path-forbidden: /model/name',
    ],
    [
      'model parameters',
      [{ op: 'add', path: '/model/params/temperature', value: 2 }],
      'path-forbidden: /model/params/temperature',
    ],
    [
      'a tool of its own',
      [{ op: 'add', path: '/tools/-', value: { name: 'shell' } }],
      'path-forbidden: /tools/-',
    ],
    [
      'the name of a tool',
      [{ op: 'replace', path: '/tools/0/name', value: 'shell' }],
      'path-forbidden: /tools/0/name',
    ],
    [
      'a tool that people switched off',
      [{ op: 'replace', path: '/tools/1/enabled', value: true }],
      'tool-switched-on: lend_book',
    ],
    [
      'a whole prompt',
      [{ op: 'replace', path: '/prompts/main', value: [] }],
      'path-forbidden: /prompts/main',
    ],
    [
      'a new prompt',
      [{ op: 'add', path: '/prompts/other', value: [] }],
      'path-forbidden: /prompts/other',
    ],
    ['the document', [{ op: 'replace', path: '', value: {} }], 'path-forbidden: '],
    [
      'a locked section',
      [{ op: 'replace', path: '/prompts/main/1/text', value: 'Share.' }],
      'locked-section-changed: main',
    ],
    [
      'a locked section, away',
      [{ op: 'remove', path: '/prompts/main/1' }],
      'locked-section-changed: main',
    ],
    [
      'a lock',
      [
        {
          op: 'replace',
          path: '/prompts/main/1',
          value: { id: 'safety', text: 'Never share the data of another member.' },
        },
      ],
      'locked-section-changed: main',
    ],
    [
      'a lock of its own',
      [{ op: 'add', path: '/prompts/main/-', value: { id: 'x', text: 'Mine.', locked: true } }],
      'locked-section-changed: main',
    ],
    [
      'a twin of a locked section',
      [{ op: 'add', path: '/prompts/main/-', value: { id: 'safety', text: 'Share.' } }],
      'section-id-repeated: main',
    ],
    [
      'a bound of the schema',
      [{ op: 'replace', path: '/retry/maxAttempts', value: 50 }],
      'result-invalid: /retry/maxAttempts',
    ],
    [
      'three times the steps',
      [{ op: 'replace', path: '/guards/maxSteps', value: 36 }],
      'max-steps-more-than-doubled',
    ],
    [
      'a prototype',
      [{ op: 'add', path: '/prompts/__proto__/0', value: { id: 'x', text: 'y' } }],
      'path-forbidden: /prompts/__proto__/0',
    ],
    [
      'a place that is not there',
      [{ op: 'replace', path: '/prompts/main/9/text', value: 'x' }],
      'patch-does-not-apply: OPERATION_PATH_UNRESOLVABLE',
    ],
    [
      'another base than it was made for',
      [{ op: 'test', path: '/prompts/main/0/id', value: 'other' }],
      'patch-does-not-apply: TEST_OPERATION_FAILED',
    ],
    ['more than the policy allows', adding('word '.repeat(801)), 'diff-too-large: 4008'],
  ])('%s', (_, patch, reason) => {
    expect(reasonsOf(check(patch))).toContain(reason)
  })

  test('a move is no operation of ours', () => {
    const patch = [{ op: 'move', from: '/model', path: '/skills/0' }] as unknown as ConfigPatch
    expect(reasonsOf(check(patch))).toEqual(['patch-malformed'])
  })

  test('a released loop detector', () => {
    const base = aConfig({ guards: { maxSteps: 12, loopDetector: true } })
    const patch: ConfigPatch = [{ op: 'replace', path: '/guards/loopDetector', value: false }]
    expect(reasonsOf(check(patch, { base }))).toEqual(['loop-detector-switched-off'])
  })
})

const operation = fc.record({
  op: fc.constantFrom('add' as const, 'remove' as const, 'replace' as const),
  path: fc.constantFrom(
    ...[
      '/prompts/main/-',
      '/prompts/main/0',
      '/prompts/main/1',
      '/prompts/main/2',
      '/prompts/main/0/text',
    ],
    ...[
      '/prompts/main/1/text',
      '/prompts/main/1/locked',
      '/tools/0/description',
      '/tools/1/enabled',
    ],
    ...[
      '/guards/maxSteps',
      '/model/name',
      '/skills/-',
      '/skills/0',
      '/output/parser',
      '/retry',
      '',
    ],
  ),
  value: fc.constantFrom<unknown>(
    ...['short', 'lenient', 5, 99, true, null, [], {}, { id: 'n', text: 't' }],
    ...[
      { id: 'safety', text: 'Share.' },
      { id: 'm', text: 'Mine.', locked: true },
    ],
    ...[{ id: 'safety', text: 'Never share the data of another member.', locked: true }],
  ),
})

test('no patch that passes has touched a locked section, the model or the tools, and every result is valid', () => {
  const base = aConfig()
  const before = canonicalLocked(base)
  let passed = 0
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 5 }), (patch) => {
      const checked = check(patch)
      expect(check(patch)).toEqual(checked)
      if (!checked.ok) {
        expect(checked.reasons.length).toBeGreaterThan(0)
        return
      }
      passed += 1
      expect(canonicalLocked(checked.config)).toEqual(before)
      expect(checked.config.model).toEqual(base.model)
      expect(checked.config.tools.map(({ name }) => name)).toEqual(
        base.tools.map(({ name }) => name),
      )
      expect(agentConfig.parse(checked.config)).toEqual(checked.config)
    }),
    { numRuns: 3000, seed: 11 },
  )
  expect(passed).toBeGreaterThan(50)
  expect(canonicalLocked(base)).toEqual(before)
})

const canonicalLocked = (config: AgentConfig): unknown =>
  Object.entries(config.prompts).map(([id, sections]) => [
    id,
    sections.filter(({ locked }) => locked),
  ])
