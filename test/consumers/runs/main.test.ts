import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agentRun } from '../../../schemas/agent-run.ts'
import { decodeEvent } from '../../../schemas/cloud-event.ts'
import type { OtelTraceRow } from '../../../schemas/tables.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { agent, chat, plain, tool } from '../../support/a-run-trace.ts'
import { aLog, traceIdFor } from '../../support/a-trace.ts'
import { type RunsFixture, runsFixture } from '../../support/runs-fixture.ts'
import { counterOf } from '../../support/scrape.ts'

let runs: RunsFixture

beforeEach(async () => {
  runs = await runsFixture()
})
afterEach(() => runs.close())

const aRun = (trace: string): OtelTraceRow[] => [
  agent({ trace, attributes: { 'gen_ai.conversation.id': `session of ${trace}` } }),
  chat('call', { trace, at: 1 }),
]

describe('run assembly', () => {
  test('makes one run of a trace, in the table and on the topic; none of the traces of a web service', async () => {
    await runs.start()
    await runs.insert([...aRun('one'), plain('page', { trace: 'web' })])
    const [run, ...others] = await runs.settled(1)
    expect(others).toEqual([])
    expect(run).toMatchObject({ traceId: traceIdFor('one'), agent: 'desk', outcome: 'pass' })
    const [row] = await runs.rows()
    expect(row).toMatchObject({
      TraceId: traceIdFor('one'),
      Revision: run?.revision,
      Agent: 'desk',
      ModelCalls: 1,
      SessionId: 'session of one',
      StartedAt: '2026-11-01 10:00:00.000',
    })
    expect(agentRun.parse(JSON.parse(row?.Body ?? ''))).toEqual(run)
  })

  test('emits a revision for late data, and none for data that is known', async () => {
    await runs.start()
    await runs.insert(aRun('one'))
    await runs.settled(1)
    await runs.insert(aRun('one'))
    await runs.settled(1)
    await runs.insert([tool('late', { trace: 'one', at: 2 })])
    const [first, second, ...others] = await runs.settled(2)
    expect(others).toEqual([])
    expect(second).toMatchObject({ traceId: first?.traceId, toolCalls: 1 })
    expect(second?.revision).not.toBe(first?.revision)
    expect((await runs.rows()).map(({ Revision }) => Revision)).toEqual([second?.revision])
  })

  test('joins signals that come before the run, after it, and relabels', async () => {
    await runs.start()
    await runs.signal({ traceId: traceIdFor('one'), value: -1 })
    await runs.settled(0)
    await runs.insert([...aRun('one'), ...aRun('two')])
    const early = await runs.settled(2)
    const outcomes = Object.fromEntries(early.map(({ traceId, outcome }) => [traceId, outcome]))
    expect(outcomes).toEqual({ [traceIdFor('one')]: 'fail', [traceIdFor('two')]: 'pass' })
    await runs.signal({
      id: 'ci',
      name: 'tests_passed',
      type: 'downstream',
      traceId: traceIdFor('two'),
      value: 0,
    })
    await expect
      .poll(async () => (await runs.published()).at(-1)?.outcome, { timeout: 10_000 })
      .toBe('fail')
    expect((await runs.rows()).map(({ Outcome }) => Outcome)).toEqual(['fail', 'fail'])
  })

  test('makes a run of each root agent of a trace, and hears what is said of one of them', async () => {
    await runs.start()
    await runs.insert([
      plain('page', { seconds: 90 }),
      agent({ id: 'a', parent: 'page' }),
      agent({ id: 'b', parent: 'page', at: 2 }),
    ])
    const [first, second] = await runs.settled(2)
    expect(first?.traceId).toBe(traceIdFor('one'))
    expect(second).toMatchObject({ partOf: traceIdFor('one'), outcome: 'pass' })
    await runs.signal({ traceId: second?.traceId ?? '', value: -1 })
    await expect.poll(async () => (await runs.published()).length, { timeout: 10_000 }).toBe(3)
    expect((await runs.published()).at(-1)).toMatchObject({
      traceId: second?.traceId,
      outcome: 'fail',
    })
    await runs.signal({ id: 'all', name: 'ci', traceId: traceIdFor('one'), value: 0 })
    expect((await runs.settled(5)).slice(-2).map(({ scores }) => scores.length)).toEqual([1, 2])
    expect(await runs.rows()).toHaveLength(2)
  })

  test('joins signals about a session to every run of it, before and after', async () => {
    await runs.start()
    await runs.insert(aRun('one'))
    await runs.settled(1)
    await runs.signal({ id: 'a', sessionId: 'session of one', value: -1 })
    await expect.poll(async () => (await runs.published()).length, { timeout: 10_000 }).toBe(2)
    await runs.signal(
      { id: 'b', sessionId: 'session of two', value: -1 },
      { id: 'c', sessionId: 'session of two', agent: 'other', value: 1, userId: 'u' },
    )
    await expect
      .poll(
        () =>
          runs.context.store.query('SELECT Id FROM neosigma_signals WHERE Id = {id: String}', {
            id: 'b',
          }),
        { timeout: 10_000 },
      )
      .toHaveLength(1)
    await runs.insert(aRun('two'))
    const all = await runs.settled(3)
    expect(all.map(({ outcome }) => outcome)).toEqual(['pass', 'fail', 'fail'])
    expect(all.at(-1)?.scores).toHaveLength(1)
  })

  test('joins feedback that comes as a span of its own with a link', async () => {
    await runs.start()
    await runs.insert(aRun('one'))
    await runs.settled(1)
    await runs.insert([
      plain('feedback', {
        trace: 'feedback',
        links: [traceIdFor('one')],
        attributes: {
          'annotations.0.annotation.name': 'user_feedback',
          'annotations.0.annotation.score': -1,
          'annotations.0.annotation.annotator_kind': 'HUMAN',
        },
      }),
    ])
    const all = await runs.settled(2)
    expect(all.map(({ outcome }) => outcome)).toEqual(['pass', 'fail'])
  })

  test('joins evaluations that arrive as log records after the spans', async () => {
    await runs.start()
    await runs.insert(aRun('one'))
    await runs.settled(1)
    await runs.insert(
      [],
      [
        aLog({
          trace: 'one',
          span: 'agent',
          event: 'gen_ai.evaluation.result',
          attributes: {
            'gen_ai.evaluation.name': 'judge',
            'gen_ai.evaluation.score.label': 'fail',
          },
          at: 3600 * 50,
        }),
      ],
    )
    expect((await runs.settled(2)).at(-1)).toMatchObject({ outcome: 'fail' })
  })

  test('sends a trace that cannot be a run to the dead letters and goes on with the others', async () => {
    await runs.start()
    const poison = aRun('poison').map((row) => ({ ...row, TraceId: 'NOT-A-TRACE-ID' }))
    await runs.insert([...poison, ...aRun('one')])
    expect(await runs.settled(1)).toHaveLength(1)
    const letters: unknown[] = []
    for await (const record of runs.context.log.readAll(TOPICS.deadLetter.name))
      letters.push(decodeEvent(TOPICS.deadLetter, record))
    expect(letters).toMatchObject([
      { consumer: 'runs', code: 'event-invalid', key: 'NOT-A-TRACE-ID' },
    ])
  })

  test('sends a signal about nothing to the dead letters', async () => {
    await runs.start()
    await runs.signal({ value: 1 })
    await expect
      .poll(
        async () => {
          const letters: unknown[] = []
          for await (const record of runs.context.log.readAll(TOPICS.deadLetter.name))
            letters.push(decodeEvent(TOPICS.deadLetter, record))
          return letters
        },
        { timeout: 10_000 },
      )
      .toMatchObject([{ topic: TOPICS.signals.name, code: 'event-invalid' }])
  })

  test('reads a trace of ten thousand spans, and spans of a megabyte, in bounded memory', async () => {
    await runs.start()
    const many = Array.from({ length: 10_000 }, (_, place) =>
      tool(`t${place}`, { trace: 'many', at: place }),
    )
    const large = Array.from({ length: 60 }, (_, place) =>
      tool(`l${place}`, {
        trace: 'large',
        at: place,
        attributes: { 'gen_ai.tool.call.result': 'x'.repeat(1024 * 1024) },
      }),
    )
    await runs.insert([agent({ trace: 'many' }), ...many])
    for (let place = 0; place < large.length; place += 10)
      await runs.insert(large.slice(place, place + 10))
    await runs.settled(2)
    const rows = new Map((await runs.rows()).map((row) => [row.TraceId, row]))
    expect(rows.get(traceIdFor('many'))).toMatchObject({ ToolCalls: 10_000 })
    expect(rows.get(traceIdFor('large'))).toMatchObject({ ToolCalls: 60 })
    for (const { Body } of rows.values()) {
      expect(Body.length).toBeLessThan(5 * 1024 * 1024)
      expect(JSON.parse(Body)).toMatchObject({ truncated: true })
    }
    // A trace that comes in pieces may be assembled between them: every revision is cut.
    const published = await counterOf(runs.context.metrics, 'neosigma.runs.published')
    expect(published).toBeGreaterThanOrEqual(2)
    expect(await counterOf(runs.context.metrics, 'neosigma.runs.truncated')).toBe(published)
  })
})
