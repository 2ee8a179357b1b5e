import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expirySweeps } from '../../../consumers/runs/expire-signals.ts'
import {
  CELLS_SQL,
  type CellRow,
  cellParameters,
  measureScorers,
} from '../../../consumers/signals/measure-scorers.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'
import type { Signal } from '../../../schemas/signal.ts'
import type { SignalSettings } from '../../../schemas/signal-settings.ts'
import type { OtelTraceRow } from '../../../schemas/tables.ts'
import { agent, chat, plain } from '../../support/a-run-trace.ts'
import { aLog, traceIdFor } from '../../support/a-trace.ts'
import type { TestContext } from '../../support/open-test-context.ts'
import { type RunsFixture, runsFixture } from '../../support/runs-fixture.ts'
import { counterOf } from '../../support/scrape.ts'

let runs: RunsFixture

beforeEach(async () => {
  runs = await runsFixture()
})
afterEach(() => runs.close())

const withSignals = (settings: Partial<SignalSettings>): TestContext => ({
  ...runs.context,
  configuration: {
    ...runs.context.configuration,
    signals: { ...configuration.parse({}).signals, ...settings },
  },
})
const aRun = (trace: string, error?: string): OtelTraceRow[] => [
  agent({
    trace,
    attributes: { 'gen_ai.conversation.id': `session of ${trace}` },
    ...(error === undefined ? {} : { error }),
  }),
  chat('call', { trace, at: 1 }),
]
const names = (count: number): string[] => Array.from({ length: count }, (_, place) => `t${place}`)
const latest = async (): Promise<Readonly<Record<string, { outcome: string; score: number }>>> =>
  Object.fromEntries(
    (await runs.rows()).map(({ TraceId, Outcome, Score }) => [
      TraceId,
      { outcome: Outcome, score: Score },
    ]),
  )
const outcomeOf = async (trace: string): Promise<string | undefined> =>
  (await latest())[traceIdFor(trace)]?.outcome
const stored = (): Promise<{ Id: string; Expired: number }[]> =>
  runs.context.store.query('SELECT Id, Expired FROM neosigma_signals FINAL ORDER BY Id')

describe('feedback of one user', () => {
  const down = (trace: string, userId: string): Partial<Signal> => ({
    id: `${userId} on ${trace}`,
    traceId: traceIdFor(trace),
    value: -1,
    userId,
  })

  test('fails no more runs in a window than the limit, whatever is sent; that of others counts', async () => {
    await runs.start(withSignals({ userMaxSignals: 5, refreshMs: 0 }))
    await runs.insert(names(40).flatMap((trace) => aRun(trace)))
    await runs.settled(40)
    await runs.signal(...names(39).map((trace) => down(trace, 'flood')), down('t39', 'ada'))
    const failed = async () =>
      Object.values(await latest()).filter(({ outcome }) => outcome === 'fail').length
    await expect.poll(async () => (await stored()).length, { timeout: 10_000 }).toBe(40)
    await runs.settled(46)
    await expect.poll(failed, { timeout: 10_000 }).toBe(6)
    expect(await outcomeOf('t39')).toBe('fail')
    // The sum of the weights of one user in the window is what is bounded.
    const bodies = (await runs.rows()).map(({ Body }) => JSON.parse(Body))
    const weights = bodies.flatMap(({ scores }) =>
      scores
        .filter(({ name }: { name: string }) => name === 'user_feedback')
        .map(({ weight }: { weight: number }) => weight),
    )
    expect(weights.reduce((sum: number, weight: number) => sum + weight, 0)).toBe(6)
  })

  test('counts for reviewers without limit', async () => {
    await runs.start(withSignals({ userMaxSignals: 2, trustedUsers: ['reviewer'] }))
    await runs.insert(names(6).flatMap((trace) => aRun(trace)))
    await runs.settled(6)
    await runs.signal(...names(6).map((trace) => down(trace, 'reviewer')))
    await runs.settled(12)
    const outcomes = Object.values(await latest()).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(Array(6).fill('fail'))
  })

  test('is bounded where it comes in the telemetry too', async () => {
    await runs.start(withSignals({ userMaxSignals: 3 }))
    const judged = names(10).map((trace, at) =>
      aLog({
        trace,
        span: 'agent',
        event: 'gen_ai.evaluation.result',
        attributes: {
          'gen_ai.evaluation.name': 'user_feedback',
          'gen_ai.evaluation.score.value': -1,
          'user.id': 'flood',
        },
        at,
      }),
    )
    await runs.insert(
      names(10).flatMap((trace) => aRun(trace)),
      judged,
    )
    await runs.settled(10)
    const failed = Object.values(await latest()).filter(({ outcome }) => outcome === 'fail')
    expect(failed).toHaveLength(3)
  })
})

describe('a signal of a run that nobody has seen', () => {
  test('waits, is joined when the run comes, and does not expire then', async () => {
    const context = withSignals({ retentionHours: 0.2 / 3600 })
    await runs.start({ ...context, clock: runs.context.clock })
    await runs.signal({ traceId: traceIdFor('late'), value: -1 })
    await expect.poll(async () => (await stored()).length, { timeout: 10_000 }).toBe(1)
    await runs.insert(aRun('late'))
    expect((await runs.settled(1))[0]).toMatchObject({ outcome: 'fail' })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await expirySweeps(context).sweep()).toBe(0)
  })

  test('expires in the open after the retention: marked, counted, and of no effect any more', async () => {
    await runs.start()
    await runs.signal(
      { id: 'of a trace', traceId: traceIdFor('late'), value: -1 },
      { id: 'of a session', sessionId: 'session of late', value: -1 },
    )
    await expect.poll(async () => (await stored()).length, { timeout: 10_000 }).toBe(2)
    const waiting = expirySweeps(withSignals({ retentionHours: 1 }))
    expect(await waiting.sweep()).toBe(0)
    const before = await counterOf(runs.context.metrics, 'neosigma.runs.signals.expired')
    const sweeps = expirySweeps(withSignals({ retentionHours: 1 / 3_600_000 }))
    expect(await sweeps.sweep()).toBe(2)
    expect(await sweeps.sweep()).toBe(0)
    expect(await stored()).toEqual([
      { Id: 'of a session', Expired: 1 },
      { Id: 'of a trace', Expired: 1 },
    ])
    expect(await counterOf(runs.context.metrics, 'neosigma.runs.signals.expired')).toBe(before + 2)
    await runs.insert(aRun('late'))
    expect((await runs.settled(1))[0]).toMatchObject({ outcome: 'pass' })
  })
})

describe('scorers', () => {
  const scored = (trace: string, value: number, source: string) =>
    aLog({
      trace,
      position: source.length,
      span: 'agent',
      event: 'gen_ai.evaluation.result',
      attributes: {
        'gen_ai.evaluation.name': 'helpfulness',
        'gen_ai.evaluation.score.value': value,
        'neosigma.signal.source': source,
        'neosigma.signal.version': '1',
      },
    })
  const measure = async (context: TestContext) => {
    const { signals } = context.configuration
    const cells = await context.store.query<CellRow>(CELLS_SQL, cellParameters(signals))
    return measureScorers(cells, signals)
  }

  test('weigh as they agreed with people before, as the stored runs alone tell', async () => {
    const context = withSignals({ refreshMs: 0, trustedUsers: ['reviewer'] })
    await runs.start(context)
    const traces = names(60)
    await runs.insert(
      traces.flatMap((trace) => aRun(trace)),
      traces.flatMap((trace, place) => [
        scored(trace, place % 2, 'good'),
        scored(trace, 1 - (place % 2), 'contrary'),
      ]),
    )
    await runs.settled(60)
    expect(await measure(context)).toEqual([])
    await runs.signal(
      ...traces.map((trace, place) => ({
        id: trace,
        traceId: traceIdFor(trace),
        value: place % 2 === 0 ? -1 : 1,
        userId: 'reviewer',
      })),
    )
    await expect
      .poll(
        async () => (await measure(context)).find(({ source }) => source === 'good')?.reliability,
        { timeout: 20_000 },
      )
      .toMatchObject({ failedRuns: 30, passedRuns: 30 })
    const before = (await runs.published()).length
    const scorers = await measure(context)
    const of = (source: string) => scorers.find((one) => one.source === source)?.reliability
    expect(of('good')).toMatchObject({
      failedRuns: 30,
      passedRuns: 30,
      truePositive: { measured: 1 },
      trueNegative: { measured: 1 },
    })
    expect(of('good')?.weight).toBeGreaterThan(0.8)
    expect(of('contrary')?.weight).toBe(0)
    expect(scorers.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['repeated_steps', 'empty_output', 'root_status']),
    )
    // A new run is decided by the one that was right.
    await runs.insert(aRun('new'), [scored('new', 0, 'good'), scored('new', 1, 'contrary')])
    const published = await runs.settled(before + 1)
    const run = published.findLast(({ traceId }) => traceId === traceIdFor('new'))
    expect(run).toMatchObject({ outcome: 'fail' })
    expect(run?.scores.map(({ source, weight, version }) => [source, weight > 0, version])).toEqual(
      [
        ['contrary', false, '1'],
        ['good', true, '1'],
      ],
    )
    // Nothing is remembered beside the rows: what is read again is the same.
    expect(await measure(context)).toEqual(scorers)
  })

  test('are told the newest label of a run, once', async () => {
    const context = withSignals({ refreshMs: 0 })
    await runs.start(context)
    await runs.insert(aRun('one'), [scored('one', 0, 'good')])
    await runs.settled(1)
    const label = (id: string, value: number, at: string) =>
      runs.signal({
        id,
        name: 'tests_passed',
        type: 'downstream',
        traceId: traceIdFor('one'),
        value,
        at,
      })
    await label('a', 0, '2026-11-01T12:00:00Z')
    await runs.settled(2)
    await label('b', 1, '2026-11-01T13:00:00Z')
    await runs.settled(3)
    const good = (await measure(context)).find(({ source }) => source === 'good')
    expect(good?.reliability).toMatchObject({ failedRuns: 0, passedRuns: 1 })
    expect(await outcomeOf('one')).toBe('pass')
  })
})

describe('evaluations in the telemetry', () => {
  test('of an evaluator that failed say nothing, also where the event belongs to a span', async () => {
    await runs.start()
    const event = (attributes: Record<string, string | number>) => ({
      name: 'gen_ai.evaluation.result',
      attributes: { 'gen_ai.evaluation.name': 'helpfulness', ...attributes },
    })
    await runs.insert([
      agent({
        trace: 'one',
        events: [event({ 'gen_ai.evaluation.score.value': 0, 'error.type': 'timeout' })],
      }),
    ])
    expect((await runs.settled(1))[0]).toMatchObject({ outcome: 'pass' })
  })

  test('about a session come as a span of its own, and reach the runs of the session', async () => {
    await runs.start()
    await runs.insert(aRun('one'))
    await runs.settled(1)
    await runs.insert([
      plain('feedback', {
        trace: 'feedback',
        attributes: {
          'session.id': 'session of one',
          'session.annotations.0.annotation.name': 'user_feedback',
          'session.annotations.0.annotation.label': 'thumbs_down',
          'session.annotations.0.annotation.annotator_kind': 'HUMAN',
        },
      }),
    ])
    expect((await runs.settled(2)).at(-1)).toMatchObject({ outcome: 'fail' })
  })
})
