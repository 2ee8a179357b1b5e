import { describe, expect, test } from 'vitest'
import { openRuns } from '../../../consumers/runs/assemble-run.ts'
import type { OtelTraceRow } from '../../../schemas/tables.ts'
import { agent, assemble, chat, plain, stored, tool } from '../../support/a-run-trace.ts'
import { aSpan } from '../../support/a-trace.ts'

describe('what is a run', () => {
  test.each([
    ['the traces of a web service are none', [plain('a'), plain('b', { parent: 'a' })], 'no-agent'],
    ['nothing is none', [], 'no-spans'],
    [
      'an evaluation is none, whichever span is marked',
      [agent(), chat('c', { attributes: { 'neosigma.evaluation': 'true' } })],
      'evaluation',
    ],
    [
      "NeoSigma's own calls are none",
      [chat('c', { resource: { 'neosigma.internal': true } })],
      'internal',
    ],
    [
      'identity that was stamped on plain spans makes none',
      [plain('a', { attributes: { 'gen_ai.agent.name': 'desk' } })],
      'no-agent',
    ],
    [
      'an embedding alone is none',
      [aSpan({ id: 'a', attributes: { 'gen_ai.operation.name': 'embeddings' } })],
      'no-agent',
    ],
  ])('%s', (_, spans, reason) => {
    expect(openRuns(stored(spans))).toBe(reason)
  })

  test('one call of a model is one', () => {
    expect(assemble([chat('c', { parent: '' })])).toMatchObject({
      agent: 'desk-service',
      modelCalls: 1,
      outcome: 'pass',
      steps: [{ kind: 'llm', model: 'gpt-x' }],
    })
  })
})

describe('the tree', () => {
  test('has the uppermost agent as the run, also below the span of a request', () => {
    const run = assemble([
      plain('request'),
      agent({ parent: 'request' }),
      agent({ id: 'sub', parent: 'agent', at: 1, attributes: { 'gen_ai.agent.name': 'helper' } }),
      chat('c', { parent: 'sub', at: 2 }),
    ])
    expect(run.agent).toBe('desk')
    expect(run.steps.map(({ agent: name }) => name)).toEqual([null, 'desk', 'helper', 'helper'])
  })

  test('prefers an agent under a real root to an earlier one whose parent is missing', () => {
    const lost = agent({
      id: 'lost',
      parent: 'nowhere',
      attributes: { 'gen_ai.agent.name': 'sub' },
    })
    expect(assemble([lost, agent({ at: 5 })]).agent).toBe('desk')
    expect(assemble([lost]).agent).toBe('sub')
  })

  test('survives cycles, spans that are their own parents, and spans without them', () => {
    const run = assemble([
      agent(),
      chat('a', { parent: 'b', at: 1 }),
      chat('b', { parent: 'c', at: 2 }),
      chat('c', { parent: 'a', at: 3 }),
      chat('d', { parent: 'c', at: 4 }),
      chat('e', { parent: 'e', at: 5 }),
      tool('f', { parent: 'gone', at: 6 }),
    ])
    expect(run.steps).toHaveLength(7)
    expect(run).toMatchObject({ agent: 'desk', modelCalls: 3, toolCalls: 1, outcome: 'pass' })
  })

  test('takes a chain of ten thousand spans, with its content capped', () => {
    const spans = Array.from({ length: 10_000 }, (_, place) =>
      chat(`s${place}`, {
        parent: place === 0 ? '' : `s${place - 1}`,
        at: place,
        attributes: { 'gen_ai.usage.input_tokens': 2, 'gen_ai.prompt': 'x'.repeat(900) },
      }),
    )
    const run = assemble(spans)
    expect(run).toMatchObject({ modelCalls: 1, inputTokens: 2, truncated: true })
    expect(run.steps).toHaveLength(2000)
    expect(JSON.stringify(run).length).toBeLessThan(4 * 1024 * 1024)
  })

  test('counts a span that came twice once, the one that ended later', () => {
    const run = assemble([agent(), chat('c', { seconds: 1 }), chat('c', { seconds: 3 })])
    expect(run.modelCalls).toBe(1)
    expect(run.steps.find(({ kind }) => kind === 'llm')?.durationMs).toBe(3000)
  })
})

describe('times', () => {
  const at = (row: OtelTraceRow, Timestamp: string): OtelTraceRow => ({ ...row, Timestamp })

  test('that were never set take the start of the trace', () => {
    const run = assemble([
      agent(),
      at(chat('zero', { at: 1 }), '1970-01-01 00:00:00.000000000'),
      at(chat('future', { at: 2 }), '2161-01-01 00:00:00.000000000'),
      at(chat('tomorrow', { at: 2 }), '2026-11-09 00:00:00.000000000'),
      at(tool('garbage', { at: 3 }), 'yesterday'),
    ])
    expect(run.startedAt).toBe('2026-11-01T10:00:00.000Z')
    expect(run.endedAt).toBe('2026-11-01T10:01:00.000Z')
    expect(run.durationMs).toBe(60_000)
    expect(run.steps[0]?.kind).toBe('agent')
  })

  test('that no span has set are the beginning of time, not an error', () => {
    const run = assemble([at(chat('c'), '1970-01-01 00:00:00.000000000')])
    expect(run.startedAt).toBe('1970-01-01T00:00:00.000Z')
  })
})

describe('calls and usage', () => {
  test('of a wrapper and what it wraps are one call; failed ones count', () => {
    const run = assemble([
      agent({ attributes: { 'gen_ai.usage.input_tokens': 30 } }),
      chat('wrapper', { at: 1, attributes: { 'gen_ai.usage.input_tokens': 10 } }),
      plain('http', { parent: 'wrapper', at: 1 }),
      chat('call', { parent: 'http', at: 1, attributes: { 'gen_ai.usage.input_tokens': 10 } }),
      chat('failed', { at: 2, error: 'rate limit' }),
      tool('outer', { at: 3 }),
      aSpan({
        id: 'mcp',
        parent: 'outer',
        at: 3,
        attributes: { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'lookup' },
      }),
      tool('broken', { at: 4, error: 'no such order' }),
    ])
    expect(run).toMatchObject({
      modelCalls: 2,
      toolCalls: 2,
      inputTokens: 10,
      outputTokens: null,
      costUsd: null,
      outcome: 'pass',
      error: null,
    })
  })

  test('that a wrapper alone knows are its own', () => {
    const usage = { 'gen_ai.usage.input_tokens': 7, 'gen_ai.usage.output_tokens': 0 }
    expect(assemble([agent({ attributes: usage }), chat('c', { at: 1 })])).toMatchObject({
      inputTokens: 7,
      outputTokens: 0,
    })
  })

  test('name the model of most calls', () => {
    const of = (id: string, model: string, at: number): OtelTraceRow =>
      chat(id, { at, attributes: { 'gen_ai.response.model': model } })
    const run = assemble([agent(), of('a', 'm1', 1), of('b', 'm2', 2), of('c', 'm2', 3)])
    expect(run.model).toBe('m2')
  })
})
