import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { assembleGroup } from '../../../consumers/runs/assemble-group.ts'
import { assemblyRounds } from '../../../consumers/runs/assembly-rounds.ts'
import { loadCursor, readDue } from '../../../consumers/runs/due-traces.ts'
import { groupTraces } from '../../../consumers/runs/read-traces.ts'
import { storeSignals } from '../../../consumers/runs/store-signals.ts'
import type { NewRecord } from '../../../pipeline/event-log/event-log.ts'
import type { QueryParameters } from '../../../pipeline/trace-store/trace-store.ts'
import { TransientError } from '../../../schemas/errors.ts'
import { type OtelTraceRow, storeTime } from '../../../schemas/tables.ts'
import { agent, chat } from '../../support/a-run-trace.ts'
import { aSignalRow, traceIdFor } from '../../support/a-trace.ts'
import { readDeadLetters } from '../../support/controller-topics.ts'
import type { TestContext } from '../../support/open-test-context.ts'
import { type RunsFixture, runsFixture } from '../../support/runs-fixture.ts'

let runs: RunsFixture

beforeEach(async () => {
  runs = await runsFixture()
})
afterEach(() => runs.close())

const ALL = { partitions: 1, owned: [0] }
/** Entries of these tests are stamped later. */
const START = { at: BigInt(Date.now() - 600_000) * 1000n, isBehind: false }
const aRun = (trace: string): OtelTraceRow[] => [agent({ trace }), chat('call', { trace, at: 1 })]
const some = (count: number): OtelTraceRow[] =>
  Array.from({ length: count }, (_, place) => aRun(`t${place}`)).flat()

/** The engines, whose next insert into a table or next append dies before or after it is done. */
const dying = (
  context: TestContext,
  at: 'append' | 'neosigma_runs' | 'neosigma_assemblies',
  when: 'before' | 'after',
): TestContext => {
  const step = async (name: string, act: () => Promise<void>): Promise<void> => {
    if (name !== at) return act()
    if (when === 'after') await act()
    throw new Error('killed')
  }
  return {
    ...context,
    log: {
      ...context.log,
      append: (records: readonly NewRecord[]) => step('append', () => context.log.append(records)),
    },
    store: {
      ...context.store,
      insert: (table: string, rows: readonly object[], token?: string) =>
        step(table, () => context.store.insert(table, rows, token)),
    },
  }
}

const assembleOnce = async (context: TestContext): Promise<void> => {
  const due = await readDue(context.store, ALL, { cursor: START, quietMs: 0, most: 100 })
  for (const group of await groupTraces(context.store, due)) await assembleGroup(context, group)
}

describe('run assembly that is killed', () => {
  test.each([
    ['append', 'before', 3],
    ['append', 'after', 6],
    ['neosigma_runs', 'before', 3],
    ['neosigma_runs', 'after', 3],
    ['neosigma_assemblies', 'before', 6],
    ['neosigma_assemblies', 'after', 3],
  ] as const)(
    'at %s (%s) loses no run and repeats only revisions of equal id',
    async (at, when, records) => {
      await runs.insert(some(3))
      await expect(assembleOnce(dying(runs.context, at, when))).rejects.toThrow('killed')
      await assembleOnce(runs.context)
      await assembleOnce(runs.context)
      await runs.insert(some(3))
      await assembleOnce(runs.context)
      const published = await runs.published()
      expect(published).toHaveLength(records)
      expect(new Set(published.map(({ revision }) => revision)).size).toBe(3)
      expect(await runs.rows()).toHaveLength(3)
      expect(
        await readDue(runs.context.store, ALL, { cursor: START, quietMs: 0, most: 9 }),
      ).toEqual([])
    },
  )

  test('goes on where it was, without looking at what is done', async () => {
    const { store } = runs.context
    await runs.insert(some(3))
    const rounds = assemblyRounds(runs.context, ALL)
    await expect.poll(() => rounds.round(() => true)).toBe(3)
    await assemblyRounds(runs.context, ALL).round(() => true)
    const cursor = await loadCursor(store, ALL)
    const [now] = await store.query<{ readonly us: string }>(
      'SELECT toUnixTimestamp64Micro(now64(6)) AS us',
    )
    const behindMs = Number(BigInt(now?.us ?? 0) - cursor.at) / 1000
    expect(behindMs).toBeGreaterThanOrEqual(60_000)
    expect(behindMs).toBeLessThan(120_000)
  })
})

describe('run assembly', () => {
  test('goes through a long absence in steps, and misses nothing', async () => {
    const { store } = runs.context
    await runs.insert(some(4))
    await store.command(
      'ALTER TABLE neosigma_trace_activity DELETE WHERE 1 SETTINGS mutations_sync = 2',
    )
    const hoursAgo = [0.01, 1.5, 4, 100]
    for (const [place, hours] of hoursAgo.entries())
      await store.insert('neosigma_trace_activity', [
        {
          TraceId: traceIdFor(`t${place}`),
          At: storeTime(Date.now() - hours * 3_600_000),
        },
      ])
    const first = await loadCursor(store, ALL)
    expect(first.isBehind).toBe(true)
    const rounds = assemblyRounds(runs.context, ALL)
    let done = 0
    for (let work = 1; work > 0; done++) work = await rounds.round(() => true)
    expect(done).toBeGreaterThan(100)
    expect(await runs.rows()).toHaveLength(4)
    expect((await loadCursor(store, ALL)).isBehind).toBe(false)
  })

  test('of several instances publishes every run once', async () => {
    await Promise.all([runs.start(), runs.start(), runs.start()])
    await runs.insert(some(60))
    const published = await runs.settled(60)
    expect(published).toHaveLength(60)
    expect(new Set(published.map(({ traceId }) => traceId)).size).toBe(60)
  })

  test('waits for a store that is down, and catches up', async () => {
    let isDown = true
    const { store } = runs.context
    const whileUp =
      <Rest extends unknown[], Answer>(
        act: (...rest: Rest) => Promise<Answer>,
      ): ((...rest: Rest) => Promise<Answer>) =>
      (...rest) =>
        isDown ? Promise.reject(new TransientError('store-unavailable', 'down')) : act(...rest)
    await runs.start({
      ...runs.context,
      store: {
        ...store,
        ping: whileUp(store.ping),
        query: whileUp(store.query) as typeof store.query,
        insert: whileUp(store.insert),
      },
    })
    await runs.insert(some(5))
    await runs.signal({ sessionId: 'any', value: 1 })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await runs.published()).toEqual([])
    isDown = false
    expect(await runs.settled(5)).toHaveLength(5)
  })

  test('gives a trace up that alone fails for a minute, not one in a store that reads again before', async () => {
    const { context } = runs
    let [nowMs, isDamaged] = [0, true]
    const damaged: TestContext = {
      ...context,
      clock: { ...context.clock, nowMs: () => nowMs },
      store: {
        ...context.store,
        query: (sql: string, parameters?: QueryParameters) =>
          isDamaged && sql.includes('FROM otel_traces')
            ? Promise.reject(new TransientError('store-unavailable', 'a part is damaged'))
            : context.store.query(sql, parameters),
      } as TestContext['store'],
    }
    const rounds = assemblyRounds(damaged, ALL)
    const tryFor = async (ms: number): Promise<void> => {
      for (const until = nowMs + ms; nowMs < until; nowMs += 5000) await rounds.round(() => true)
    }
    await runs.insert(aRun('one'))
    await new Promise((resolve) => setTimeout(resolve, 200))
    await tryFor(50_000)
    isDamaged = false
    await tryFor(5000)
    expect(await runs.published()).toHaveLength(1)
    expect(await readDeadLetters(context.log)).toEqual([])
    isDamaged = true
    await runs.insert(aRun('two'))
    await new Promise((resolve) => setTimeout(resolve, 200))
    await tryFor(70_000)
    expect(await readDeadLetters(context.log)).toMatchObject([{ key: traceIdFor('two') }])
  })

  test('misses no signal about a session that is stored while a run of the session is', async () => {
    const { context } = runs
    const inSession = agent({ attributes: { 'gen_ai.conversation.id': 'k' } })
    await runs.insert([inSession])
    const meanwhile = aSignalRow({ TraceId: '', SessionId: 'k', Value: -1 })
    await assembleOnce({
      ...context,
      store: {
        ...context.store,
        insert: async (table: string, rows: readonly object[], token?: string) => {
          if (table === 'neosigma_runs') await storeSignals(context, [meanwhile])
          await context.store.insert(table, rows, token)
        },
      },
    })
    await assembleOnce(context)
    expect((await runs.published()).map(({ outcome }) => outcome)).toEqual(['pass', 'fail'])
  })

  test('finds an entry that becomes visible after a later one was assembled', async () => {
    const { store } = runs.context
    await runs.insert(aRun('one'))
    await assembleOnce(runs.context)
    const [early] = await store.query<{ readonly TraceId: string; readonly At: string }>(
      'SELECT TraceId, toString(min(At) - INTERVAL 2 SECOND) AS At FROM neosigma_trace_activity GROUP BY TraceId',
    )
    await store.insert('neosigma_trace_activity', [early ?? {}])
    const due = await readDue(store, ALL, { cursor: START, quietMs: 0, most: 9 })
    expect(due).toHaveLength(1)
    await assembleOnce(runs.context)
    expect(await readDue(store, ALL, { cursor: START, quietMs: 0, most: 9 })).toEqual([])
    expect(await runs.published()).toHaveLength(1)
  })
})
