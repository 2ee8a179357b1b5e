import { afterEach, beforeEach, expect, test } from 'vitest'
import { assemblyRounds } from '../../../consumers/runs/assembly-rounds.ts'
import { agent, chat } from '../../support/a-run-trace.ts'
import { traceIdFor } from '../../support/a-trace.ts'
import type { TestContext } from '../../support/open-test-context.ts'
import { type RunsFixture, runsFixture } from '../../support/runs-fixture.ts'

const ALL = { partitions: 1, owned: [0] }
const HOUR_S = 3600

let runs: RunsFixture
beforeEach(async () => {
  runs = await runsFixture()
})
afterEach(() => runs.close())

const withQuiet = (quietMs: number): TestContext => {
  const { configuration } = runs.context
  const settings = { ...configuration, runs: { ...configuration.runs, quietMs } }
  return { ...runs.context, configuration: settings }
}

const round = (quietMs: number): Promise<number> =>
  assemblyRounds(withQuiet(quietMs), ALL).round(() => true)

/** As if something had arrived for the trace every so often, for an hour, until now. */
const arrivedForAnHour = (trace: string, everyS: number): Promise<void> =>
  runs.context.store.command(
    `INSERT INTO neosigma_trace_activity SELECT '${traceIdFor(trace)}', now64(6) - toIntervalSecond(number * ${everyS})
FROM numbers(${Math.floor(HOUR_S / everyS)})`,
  )

test('a trace that is never quiet is assembled all the same, and once more when it ends', async () => {
  await runs.insert([agent({ trace: 'long' }), chat('first', { trace: 'long', at: 1 })])
  await arrivedForAnHour('long', 20)
  await round(HOUR_S * 1000)
  expect(await runs.published()).toMatchObject([{ modelCalls: 1 }])
  await runs.insert([chat('last', { trace: 'long', at: 59 })])
  await round(HOUR_S * 1000)
  expect(await runs.published()).toHaveLength(1)
  await round(0)
  expect((await runs.published()).map(({ modelCalls }) => modelCalls)).toEqual([1, 2])
  expect(await runs.rows()).toHaveLength(1)
})

test('a trace that began a moment ago waits until it is quiet', async () => {
  await runs.insert([agent({ trace: 'new' })])
  await round(HOUR_S * 1000)
  expect(await runs.published()).toEqual([])
})

test('traces that are open for an hour hold up no others', async () => {
  const open = Array.from({ length: 300 }, (_, place) => `open-${place}`)
  await runs.insert(open.map((trace) => agent({ trace })))
  await runs.insert([agent({ trace: 'done' })])
  const { store } = runs.context
  const id = traceIdFor('done')
  await store.command(
    `ALTER TABLE neosigma_trace_activity DELETE WHERE TraceId = '${id}' SETTINGS mutations_sync = 1`,
  )
  await store.command(
    `INSERT INTO neosigma_trace_activity SELECT '${id}', now64(6) - INTERVAL 1 MINUTE`,
  )
  await round(30_000)
  expect((await runs.published()).map(({ traceId }) => traceId)).toEqual([traceIdFor('done')])
})
