import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AgentRun } from '../../../schemas/agent-run.ts'
import type { OtelTraceRow } from '../../../schemas/tables.ts'
import { agent, assembleAll, chat, plain, tool } from '../../support/a-run-trace.ts'
import { aLog, spanIdFor, traceIdFor } from '../../support/a-trace.ts'

const named = (id: string, at: number, seconds: number, error?: string): OtelTraceRow =>
  agent({
    id,
    parent: 'request',
    at,
    seconds,
    ...(error === undefined ? {} : { error }),
    attributes: { 'gen_ai.agent.name': id },
  })
const tokens = (input: number): { readonly attributes: Readonly<Record<string, number>> } => ({
  attributes: { 'gen_ai.usage.input_tokens': input },
})
const twoAgents = (error?: string): OtelTraceRow[] => [
  plain('request', { seconds: 20, attributes: { 'session.id': 'k' } }),
  named('triage', 1, 5, error),
  chat('c1', { parent: 'triage', at: 2, ...tokens(3) }),
  named('desk', 8, 9),
  chat('c2', { parent: 'desk', at: 9, ...tokens(4) }),
  agent({ id: 'helper', parent: 'desk', at: 11, attributes: { 'gen_ai.agent.name': 'helper' } }),
  tool('t', { parent: 'helper', at: 12 }),
]

describe('a trace with several root agents', () => {
  test('is one run for each, with what is below it; the first has the key of the trace', () => {
    const [first, second, ...others] = assembleAll(twoAgents('lost'))
    expect(others).toEqual([])
    expect(first).toMatchObject({
      traceId: traceIdFor('one'),
      agent: 'triage',
      outcome: 'fail',
      modelCalls: 1,
      toolCalls: 0,
      inputTokens: 3,
      sessionId: 'k',
      error: { message: 'lost' },
    })
    expect(first?.partOf).toBeUndefined()
    expect(first?.steps.map(({ name }) => name)).toEqual(['request', 'triage', 'chat gpt-x'])
    expect(second).toMatchObject({
      partOf: traceIdFor('one'),
      agent: 'desk',
      outcome: 'pass',
      modelCalls: 1,
      toolCalls: 1,
      inputTokens: 4,
      sessionId: 'k',
      error: null,
    })
    expect(second?.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(second?.steps.map(({ agent: name }) => name)).toEqual([
      'desk',
      'desk',
      'helper',
      'helper',
    ])
  })

  test('fails in the last of them where only the request around them failed', () => {
    const rows = [plain('request', { seconds: 20, error: 'gone' }), ...twoAgents().slice(1)]
    expect(assembleAll(rows).map(({ outcome }) => outcome)).toEqual(['pass', 'fail'])
    const explained = [plain('request', { seconds: 20, error: 'gone' }), ...twoAgents('x').slice(1)]
    expect(assembleAll(explained).map(({ outcome }) => outcome)).toEqual(['fail', 'pass'])
  })

  test('hears a judgement of a span in its own run, and one of the request in all', () => {
    const judged = (span: string): readonly string[] =>
      assembleAll(twoAgents(), [
        aLog({
          span,
          event: 'gen_ai.evaluation.result',
          attributes: {
            'gen_ai.evaluation.name': 'quality',
            'gen_ai.evaluation.score.value': 0,
          },
        }),
      ]).map(({ outcome }) => outcome)
    expect(judged('c1')).toEqual(['fail', 'pass'])
    expect(judged('t')).toEqual(['pass', 'fail'])
    expect(judged('request')).toEqual(['fail', 'fail'])
    expect(judged('')).toEqual(['fail', 'fail'])
  })

  test('takes an agent whose parent is missing for a part of the run, not for one of its own', () => {
    const lost = agent({ id: 'lost', parent: 'nowhere', at: 3 })
    const runs = assembleAll([...twoAgents(), lost])
    expect(runs.map(({ agent: name }) => name)).toEqual(['triage', 'desk'])
    expect(runs[0]?.steps.map(({ spanId }) => spanId)).toContain(spanIdFor('lost'))
  })
})

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const
const traces = (isAcyclic: boolean): fc.Arbitrary<OtelTraceRow[]> =>
  fc
    .uniqueArray(
      fc.record({
        id: fc.constantFrom(...IDS),
        parent: fc.constantFrom('', '', 'gone', ...IDS),
        operation: fc.constantFrom(
          'invoke_agent',
          'invoke_workflow',
          'chat',
          'execute_tool',
          'none',
        ),
        at: fc.integer({ min: 0, max: 5 }),
        used: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
      }),
      { selector: ({ id }) => id },
    )
    .map((all) => [
      chat('start', { parent: '' }),
      ...all.map(({ id, parent, operation, at, used }) =>
        plain(id, {
          // Circles of parents are for the test below: it compares runs with runs.
          parent: isAcyclic && parent >= id && parent !== 'gone' ? '' : parent,
          at,
          attributes: {
            'gen_ai.operation.name': operation,
            ...(used === undefined ? {} : { 'gen_ai.usage.input_tokens': used }),
          },
        }),
      ),
    ])

describe('the runs of any trace', () => {
  test('hold every span once and together use what its leaves used', () => {
    fc.assert(
      fc.property(traces(true), (rows) => {
        const runs = assembleAll(rows)
        const steps = runs.flatMap((run) => run.steps.map(({ spanId }) => spanId))
        expect(steps.toSorted()).toEqual(rows.map(({ SpanId }) => SpanId).toSorted())
        expect(new Set(runs.map(({ traceId }) => traceId)).size).toBe(runs.length)
        expect(sumOf(runs)).toBe(leafTokens(rows))
      }),
      { numRuns: 300 },
    )
  })

  test('are the same whatever the order and the number of copies of the spans', () => {
    const copies = traces(false).chain((rows) =>
      fc.tuple(
        fc.constant(rows),
        fc.shuffledSubarray([...rows, ...rows], { minLength: rows.length * 2 }),
      ),
    )
    fc.assert(
      fc.property(copies, ([rows, again]) => {
        expect(assembleAll(again)).toEqual(assembleAll(rows))
      }),
    )
  })
})

const sumOf = (runs: readonly AgentRun[]): number =>
  runs.reduce((sum, { inputTokens }) => sum + (inputTokens ?? 0), 0)

/** By brute force: what a span says counts unless a span below it says something. */
const leafTokens = (rows: readonly OtelTraceRow[]): number => {
  const said = ({ SpanAttributes }: OtelTraceRow): string | undefined =>
    SpanAttributes['gen_ai.usage.input_tokens']
  const parents = new Map(rows.map((row) => [row.SpanId, row.ParentSpanId]))
  const isAbove = (row: OtelTraceRow, below: OtelTraceRow): boolean => {
    let at = parents.get(below.SpanId)
    while (at !== undefined && at !== row.SpanId) at = parents.get(at)
    return at === row.SpanId
  }
  return rows
    .filter((row) => !rows.some((other) => said(other) !== undefined && isAbove(row, other)))
    .reduce((sum, row) => sum + Number(said(row) ?? 0), 0)
}
