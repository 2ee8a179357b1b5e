import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { violationOf } from '../../../consumers/evaluators/check-schema.ts'
import { evaluateRun } from '../../../consumers/evaluators/evaluate-run.ts'
import type { RunFacts } from '../../../consumers/evaluators/run-facts.ts'
import type { RunStep } from '../../../schemas/agent-run.ts'
import { evaluatorSettings } from '../../../schemas/signal-settings.ts'

const aStep = (overrides: Partial<RunStep> = {}): RunStep => ({
  spanId: '00f067aa0ba902b7',
  parentSpanId: null,
  kind: 'tool',
  name: 'lookup',
  agent: null,
  model: null,
  input: '{"id":1}',
  output: 'open',
  error: null,
  startedAt: '2026-11-01T10:00:00.000Z',
  durationMs: 1,
  inputTokens: null,
  outputTokens: null,
  ...overrides,
})
const someFacts = (overrides: Partial<RunFacts> = {}): RunFacts => ({
  output: 'Your order is on its way.',
  toolCalls: [],
  lastCall: null,
  toolSchemas: new Map(),
  structured: null,
  ...overrides,
})
const found = (
  facts: Partial<RunFacts>,
  settings: Parameters<typeof evaluatorSettings.parse>[0] = {},
) =>
  evaluateRun(someFacts(facts), evaluatorSettings.parse(settings))
    .filter(({ value }) => value !== null)
    .map(({ name }) => name)
const calls = (...steps: readonly Partial<RunStep>[]) => ({ toolCalls: steps.map(aStep) })
const failed = { error: { type: 'Timeout', message: '' } }

describe('loops', () => {
  test('are the same call with the same outcome four times in a row', () => {
    expect(found(calls({}, {}, {}, {}))).toEqual(['repeated_steps'])
    expect(found(calls({}, {}, {}))).toEqual([])
  })

  test('are rounds of several calls too', () => {
    const round = [{ input: 'a' }, { input: 'b' }]
    expect(found(calls(...round, ...round, ...round, ...round))).toEqual(['repeated_steps'])
    expect(found(calls(...round, ...round, ...round))).toEqual([])
  })

  test('are not asking until something changes, nor calls of which nothing was recorded', () => {
    expect(found(calls(...'abcdef'.split('').map((output) => ({ output }))))).toEqual([])
    expect(found(calls(...Array(9).fill({ input: null })))).toEqual([])
  })
})

describe('errors of tools', () => {
  test('speak when most of some calls failed, not when one did', () => {
    const [a, b, c] = [{ input: 'a' }, { input: 'b' }, { input: 'c' }]
    expect(found(calls(failed, { ...failed, input: 'b' }, c, a))).toEqual(['tool_error_rate'])
    expect(found(calls(failed, a, b, c))).toEqual([])
    expect(found(calls(failed))).toEqual([])
  })

  test('score the share that went well', () => {
    const settings = evaluatorSettings.parse({})
    const facts = someFacts(calls(failed, { ...failed, input: 'b' }, failed, { input: 'd' }))
    expect(evaluateRun(facts, settings)[0]).toMatchObject({ name: 'tool_error_rate', value: 0.25 })
  })
})

describe('an answer', () => {
  test.each(['', ' \n', 'null', '[]', '{}', '[{"role":"assistant","parts":[]}]', '""'])(
    'that holds nothing is empty: %j',
    (output) => {
      expect(found({ output })).toEqual(['empty_output'])
    },
  )

  test.each([
    '0',
    'no',
    '{"found":[]}',
    '[{"role":"assistant","parts":[{"type":"tool_call","name":"x"}]}]',
  ])('that holds little is not: %j', (output) => {
    expect(found({ output })).toEqual([])
  })

  test('that was not recorded is not, unless the model gave no token', () => {
    expect(found({ output: null })).toEqual([])
    const lastCall = aStep({ kind: 'llm', outputTokens: 0 })
    expect(found({ output: null, lastCall })).toEqual(['empty_output'])
  })

  test.each([
    "I'm sorry, but I can't assist with that request.",
    'I cannot help with that.',
    'Sorry, I am unable to comply with this request.',
    'As an AI language model, I cannot provide you with that information.',
  ])('in the words in which models refuse is a refusal: %s', (output) => {
    expect(found({ output })).toEqual(['refused_output'])
  })

  test.each([
    "I'm sorry, but this fare cannot be refunded under the policy of the airline.",
    'I cannot find order A1. Could you check the number?',
    'I can help with that.',
  ])('that says no to the customer is none: %s', (output) => {
    expect(found({ output })).toEqual([])
  })

  test('that was cut off or withheld is told by its finish reason', () => {
    const ended = (type: string) =>
      found({ lastCall: aStep({ kind: 'llm', error: { type, message: '' } }) })
    expect(ended('finish_reason.length')).toEqual(['truncated_output'])
    expect(ended('finish_reason.content_filter')).toEqual(['refused_output'])
    expect(ended('finish_reason.error')).toEqual([])
  })
})

describe('a declared schema', () => {
  const schema = {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'integer' }, state: { enum: ['open', 'closed'] } },
    additionalProperties: false,
  }

  test('of a tool is broken by its last call, not by one that was made again', () => {
    const toolSchemas = new Map([['lookup', schema]])
    expect(found({ ...calls({ input: '{"id":"x"}' }), toolSchemas })).toEqual(['schema_violation'])
    expect(found({ ...calls({ input: '{"id":"x"}' }, {}), toolSchemas })).toEqual([])
    expect(found({ ...calls({ input: 'no JSON' }), toolSchemas })).toEqual(['schema_violation'])
  })

  test('of the answer is broken by text and by other JSON', () => {
    const answer = (text: string) => found({ structured: { text, schema } })
    expect(answer('Sure! {"id": 1}')).toEqual(['schema_violation'])
    expect(answer('{"id": 1.5}')).toEqual(['schema_violation'])
    expect(answer('{"id": 1, "state": "lost"}')).toEqual(['schema_violation'])
    expect(answer('{"id": 1, "more": 1}')).toEqual(['schema_violation'])
    expect(answer('{"id": 1, "state": "open"}')).toEqual([])
  })

  test('says where it is broken', () => {
    const nested = { type: 'object', properties: { list: { items: { type: 'string' } } } }
    expect(violationOf({ list: ['a', 1] }, nested)).toBe('/list/1')
    expect(violationOf(1, { type: ['string', 'null'] })).toBe('/')
    expect(violationOf('abc', { maxLength: 2 })).toBe('/')
    expect(violationOf(5, { minimum: 6 })).toBe('/')
    expect(violationOf([], { minItems: 1 })).toBe('/')
  })

  test('that is a bomb, a lie or no schema at all costs little and says nothing', () => {
    let deep: unknown = { type: 'string' }
    for (let level = 0; level < 5000; level++) deep = { items: deep, properties: { a: deep } }
    let value: unknown = 1
    for (let level = 0; level < 3000; level++) value = [value, value]
    expect(violationOf(value, deep as Record<string, unknown>)).toBeNull()
    expect(violationOf('x', { pattern: '(a+)+$', $ref: '#', type: 'unheard of' })).toBeNull()
    expect(violationOf({ constructor: 1 }, { properties: { a: {} } })).toBeNull()
    expect(violationOf({}, { required: ['__proto__', 'toString'] })).toBe('/')
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, 1]))
    expect(violationOf(wide, { properties: wide })).toBeNull()
  })

  test('of any shape never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()), (value, any) => {
        const at = violationOf(value, any)
        expect(at === null || at.startsWith('/')).toBe(true)
      }),
    )
  })
})

describe('each evaluator', () => {
  const bad: Partial<RunFacts> = {
    ...calls(failed, failed, failed, failed),
    output: '',
    lastCall: aStep({ kind: 'llm', error: { type: 'finish_reason.length', message: '' } }),
    structured: { text: '', schema: {} },
  }

  test('is on by default', () => {
    expect(found(bad)).toEqual([
      'tool_error_rate',
      'repeated_steps',
      'empty_output',
      'truncated_output',
      'schema_violation',
    ])
    expect(found({ output: "I can't help with that." })).toEqual(['refused_output'])
  })

  test('can be switched off', () => {
    const off = {
      toolErrorRate: { enabled: false },
      repeatedSteps: { enabled: false },
      emptyOutput: false,
      refusedOutput: false,
      truncatedOutput: false,
      schemaViolation: false,
    }
    expect(evaluateRun(someFacts(bad), evaluatorSettings.parse(off))).toEqual([])
    expect(found({ output: "I can't help with that." }, off)).toEqual([])
  })

  test('tells nothing of what the run says in its own words', () => {
    const marked = { ...bad, ...calls(...Array(4).fill({ ...failed, input: '"<MARK>"' })) }
    const schema = { type: 'object', required: ['<MARK>'] }
    const facts = someFacts({ ...marked, structured: { text: '{"<MARK>": 1', schema } })
    for (const { explanation } of evaluateRun(facts, evaluatorSettings.parse({})))
      expect(explanation ?? '').not.toContain('<MARK>')
  })
})
