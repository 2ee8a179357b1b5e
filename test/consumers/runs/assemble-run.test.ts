import { describe, expect, test } from 'vitest'
import type { OtelLogRow } from '../../../schemas/tables.ts'
import { agent, assemble, chat, plain, tool } from '../../support/a-run-trace.ts'
import { aLog, aSignalRow, aSpan, spanIdFor } from '../../support/a-trace.ts'

describe('identity', () => {
  test('is read from the main span, then from others, then from the resource', () => {
    const run = assemble([
      agent({
        resource: { 'service.version': '1.2', 'neosigma.task.type': 'refund' },
        attributes: { 'user.id': 'u1' },
      }),
      chat('c', {
        at: 1,
        attributes: {
          'gen_ai.conversation.id': 'k1',
          'gen_ai.prompt.name': 'p',
          'gen_ai.prompt.version': '7',
          'user.id': 'u2',
        },
      }),
    ])
    expect(run).toMatchObject({
      agent: 'desk',
      agentVersion: '1.2',
      promptName: 'p',
      promptVersion: '7',
      taskType: 'refund',
      sessionId: 'k1',
      userId: 'u1',
    })
  })

  test('takes the prompt as the task type where none is named', () => {
    expect(assemble([agent({ attributes: { 'gen_ai.prompt.name': 'triage' } })]).taskType).toBe(
      'triage',
    )
  })

  test('takes a prompt from a feature flag', () => {
    const run = assemble([
      agent({
        events: [
          {
            name: 'feature_flag.evaluation',
            attributes: { 'feature_flag.key': 'tone', 'feature_flag.result.variant': 'b' },
          },
        ],
      }),
    ])
    expect(run).toMatchObject({ promptName: 'tone', promptVersion: 'b' })
  })

  test.each([
    [{ 'neosigma.agent': 'named' }, 'named'],
    [{ 'service.name': 'svc' }, 'svc'],
  ])('of a nameless agent comes from the resource', (resource, name) => {
    const nameless = aSpan({
      id: 'a',
      name: 'invoke_agent gpt-x',
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'gpt-x' },
      resource,
    })
    expect(assemble([nameless]).agent).toBe(name)
  })
})

describe('input, output and error', () => {
  const said = (role: string, ...texts: readonly string[]): string =>
    JSON.stringify(texts.map((content) => ({ role, parts: [{ type: 'text', content }] })))

  test("are the root's: all that users said, the last thing that was answered", () => {
    const run = assemble([
      agent({
        attributes: {
          'gen_ai.input.messages': said('user', 'refund A1', 'yes, do it'),
          'gen_ai.output.messages': said('assistant', 'Sure?', 'Done.'),
        },
      }),
      chat('c', { at: 1 }),
    ])
    expect(run).toMatchObject({ input: 'refund A1\nyes, do it', output: 'Done.' })
  })

  test("are the calls' where the agent says nothing", () => {
    const run = assemble([
      agent(),
      chat('a', {
        at: 1,
        attributes: {
          'gen_ai.input.messages': said('user', 'first'),
          'gen_ai.output.messages': said('assistant', 'thinking'),
        },
      }),
      chat('b', { at: 2, attributes: { 'gen_ai.output.messages': said('assistant', 'answer') } }),
    ])
    expect(run).toMatchObject({ input: 'first', output: 'answer' })
  })

  test('an error of the agent fails the run; so does that of the request around it', () => {
    expect(assemble([agent({ error: 'boom' }), chat('c')])).toMatchObject({
      outcome: 'fail',
      score: 0,
      error: { type: 'error', message: 'boom' },
      scores: [{ name: 'root_status', source: 'root span', value: 0 }],
    })
    expect(
      assemble([plain('request', { error: '500' }), agent({ parent: 'request' })]),
    ).toMatchObject({ outcome: 'fail', error: { message: '500' } })
  })

  test('an error of a tool or of a call that was made again does not', () => {
    expect(
      assemble([chat('a', { parent: 'x', error: '429' }), chat('b', { parent: 'x', at: 2 })]),
    ).toMatchObject({ outcome: 'pass', error: null, modelCalls: 2 })
    expect(
      assemble([chat('a', { parent: 'x' }), chat('b', { parent: 'x', at: 2, error: '429' })])
        .outcome,
    ).toBe('fail')
  })

  test('longer content is cut in the middle and said to be', () => {
    const run = assemble([
      tool('t', {
        parent: '',
        attributes: { 'gen_ai.tool.call.result': `begin ${'x'.repeat(100_000)} end` },
      }),
    ])
    expect(run.truncated).toBe(true)
    expect(run.steps[0]?.output).toMatch(/^begin x+ …\[\d+ cut\]… x+ end$/)
    expect(run.steps[0]?.output).toHaveLength(32_000)
  })
})

describe('scores', () => {
  const reward = (value: number, options: object = {}): OtelLogRow =>
    aLog({
      span: 'agent',
      event: 'gen_ai.evaluation.result',
      attributes: {
        'gen_ai.evaluation.name': 'reward',
        'gen_ai.evaluation.score.value': value,
        'neosigma.signal.type': 'explicit',
        ...options,
      },
    })

  test('come from evaluations in the trace and from signals; θ is that of the task type', () => {
    expect(assemble([agent()], [reward(0)])).toMatchObject({ outcome: 'fail', score: 0 })
    expect(assemble([agent({ error: 'x' })], [reward(0.8)])).toMatchObject({
      outcome: 'pass',
      score: 0.8,
    })
    const strict = agent({ attributes: { 'neosigma.task.type': 'strict' } })
    expect(assemble([strict], [reward(0.8)]).outcome).toBe('fail')
    expect(assemble([agent()], [], [aSignalRow({ Value: -1 })]).outcome).toBe('fail')
  })

  test('of a log line without a span are those of the trace', () => {
    expect(assemble([agent()], [{ ...reward(0), SpanId: '' }]).outcome).toBe('fail')
  })

  test('that a span gives about another trace are not its own', () => {
    const about = chat('judge', {
      links: ['f'.repeat(32)],
      attributes: {
        'annotations.0.annotation.name': 'helpful',
        'annotations.0.annotation.score': 0,
      },
    })
    expect(assemble([agent(), about]).outcome).toBe('pass')
    expect(assemble([agent(), { ...about, 'Links.TraceId': [] }]).outcome).toBe('fail')
  })

  test('point to their spans by id', () => {
    expect(assemble([agent()]).steps[0]?.spanId).toBe(spanIdFor('agent'))
  })
})
