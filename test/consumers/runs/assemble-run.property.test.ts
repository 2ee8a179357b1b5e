import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { agentRun } from '../../../schemas/agent-run.ts'
import type { OtelLogRow, OtelTraceRow, SignalRow } from '../../../schemas/tables.ts'
import { assembleAll } from '../../support/a-run-trace.ts'
import { aLog, aSignalRow, aSpan } from '../../support/a-trace.ts'

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const

const span = fc
  .record({
    id: fc.constantFrom(...IDS),
    parent: fc.constantFrom('', 'gone', ...IDS),
    operation: fc.constantFrom('invoke_agent', 'chat', 'execute_tool', 'unheard_of', ''),
    at: fc.integer({ min: 0, max: 5 }),
    seconds: fc.integer({ min: 0, max: 5 }),
    tokens: fc.option(fc.nat(1000), { nil: undefined }),
    error: fc.option(fc.string(), { nil: undefined }),
    text: fc.string(),
  })
  .map(({ operation, tokens, text, error, ...rest }) =>
    aSpan({
      ...rest,
      ...(error === undefined ? {} : { error }),
      attributes: {
        'gen_ai.operation.name': operation,
        'gen_ai.input.messages': text,
        ...(tokens === undefined ? {} : { 'gen_ai.usage.input_tokens': tokens }),
      },
    }),
  )
const log = fc
  .record({
    span: fc.constantFrom('', 'gone', ...IDS),
    event: fc.constantFrom('gen_ai.evaluation.result', 'gen_ai.user.message', 'gen_ai.choice', ''),
    at: fc.integer({ min: 0, max: 3 }),
    value: fc.double({ min: 0, max: 1, noNaN: true }),
    position: fc.integer({ min: 0, max: 12 }),
  })
  .map(({ value, ...rest }) =>
    aLog({
      ...rest,
      body: { content: 'hello' },
      attributes: {
        'gen_ai.evaluation.name': 'quality',
        'gen_ai.evaluation.score.value': value,
      },
    }),
  )
const signal = fc
  .record({
    Id: fc.constantFrom('1', '2', '3'),
    Value: fc.constantFrom(-1, 0, 1),
    UserId: fc.constantFrom('u', 'v', null),
    At: fc.constantFrom('2026-11-01 11:00:00.000', '2026-11-01 12:00:00.000'),
  })
  .map((values) => aSignalRow(values))

const start = aSpan({ id: 'start', attributes: { 'gen_ai.operation.name': 'invoke_agent' } })
const trace = fc.tuple(
  fc.array(span, { maxLength: 12 }).map((rows) => [start, ...rows]),
  fc.array(log, { maxLength: 8 }),
  fc.array(signal, { maxLength: 5 }),
)
/** The same rows, each any number of times from one on, in any order. */
const shuffled = <Row>(rows: readonly Row[]): fc.Arbitrary<Row[]> =>
  fc.array(fc.nat(Math.max(0, rows.length - 1)), { maxLength: 6 }).chain((again) => {
    const all = [...rows, ...again.flatMap((place) => rows[place] ?? [])]
    return fc.shuffledSubarray(all, { minLength: all.length })
  })
const copies = trace.chain(([spans, logs, signals]) =>
  fc.tuple(
    fc.constant<[OtelTraceRow[], OtelLogRow[], SignalRow[]]>([spans, logs, signals]),
    fc.tuple(shuffled(spans), shuffled(logs), shuffled(signals)),
  ),
)

describe('a run', () => {
  test('is the same revision for the same rows in any order and any number of copies', () => {
    fc.assert(
      fc.property(copies, ([once, again]) => {
        expect(assembleAll(...again)).toEqual(assembleAll(...once))
      }),
    )
  })

  test('follows its schema and keeps its sums for any spans', () => {
    fc.assert(
      fc.property(trace, (rows) => {
        const runs = assembleAll(...rows)
        const steps = runs.flatMap((run) => run.steps)
        expect(steps).toHaveLength(new Set(rows[0].map(({ SpanId }) => SpanId)).size)
        for (const run of runs.map((one) => agentRun.parse(one))) {
          const kinds = run.steps.map(({ kind }) => kind)
          expect(run.modelCalls).toBeLessThanOrEqual(kinds.filter((kind) => kind === 'llm').length)
          expect(run.outcome).toBe(run.score < 0.5 ? 'fail' : 'pass')
          expect(run.steps.map(({ startedAt }) => startedAt)).toEqual(
            run.steps.map(({ startedAt }) => startedAt).toSorted(),
          )
        }
      }),
    )
  })
})
