import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { judgeRuns } from '../../../consumers/runs/judge-runs.ts'
import type { ChatAnswer, ModelClient } from '../../../pipeline/model-client/model-client.ts'
import type { RoleContext } from '../../../pipeline/service-runtime/role.ts'
import type { AgentRun } from '../../../schemas/agent-run.ts'
import { decodeEvent, encodeEvent } from '../../../schemas/cloud-event.ts'
import { TransientError } from '../../../schemas/errors.ts'
import type { Signal } from '../../../schemas/signal.ts'
import { type EvaluatorSettings, evaluatorSettings } from '../../../schemas/signal-settings.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { failureRun } from '../../support/failure-run.ts'
import { openTestContext, type TestContext } from '../../support/open-test-context.ts'
import { counterOf } from '../../support/scrape.ts'

let context: TestContext
let ending: AbortController
let judging: Promise<void> = Promise.resolve()
let asked = 0

beforeEach(async () => {
  context = await openTestContext()
  asked = 0
})
afterEach(async () => {
  ending.abort()
  await judging
  await context.close()
})

const start = (
  judge: Partial<EvaluatorSettings['judge']>,
  say: (call: number) => string = () => '{"grade":1,"reason":"not_done"}',
): void => {
  const model: ModelClient = {
    chat: async (): Promise<ChatAnswer> => ({
      text: say(++asked),
      model: 'm',
      inputTokens: 100,
      outputTokens: 10,
    }),
    embed: async () => [],
  }
  const evaluators = evaluatorSettings.parse({
    judge: { enabled: true, sampleShare: 1, ...judge },
  })
  const given: RoleContext = {
    ...context,
    model,
    configuration: { ...context.configuration, evaluators },
  }
  ending = new AbortController()
  judging = judgeRuns(given, () => true, ending.signal)
}
const publish = (...runs: readonly AgentRun[]): Promise<void> =>
  context.log.append(
    runs.map((run) =>
      encodeEvent(TOPICS.runs, run, {
        id: run.revision,
        source: '/test',
        time: run.endedAt,
        key: run.traceId,
      }),
    ),
  )
const numbered = (count: number): AgentRun[] =>
  Array.from({ length: count }, (_, place) => failureRun(place, [{ tool: 'lookup' }]))
const signals = async (): Promise<readonly Signal[]> => {
  const all: Signal[] = []
  for await (const record of context.log.readAll(TOPICS.signals.name))
    all.push(decodeEvent(TOPICS.signals, record))
  return all
}
const outcomes = (outcome: string): Promise<number> =>
  counterOf(context.metrics, 'neosigma.judge.runs', { outcome })
const soon = { timeout: 15_000 }

describe('the judge', () => {
  test('sends its grade as a signal, and asks once for equal content', async () => {
    start({})
    const [run] = numbered(1)
    if (run === undefined) throw new Error('no run')
    const twin = { ...run, traceId: 'e'.repeat(32), revision: 'twin' }
    await publish(run, twin, { ...run, revision: 'again' })
    await expect.poll(async () => (await signals()).length, soon).toBe(3)
    const said = await signals()
    expect(asked).toBe(1)
    expect(new Set(said.map(({ id }) => id)).size).toBe(2)
    expect(said[0]).toMatchObject({
      name: 'judge',
      type: 'automated',
      value: 0.25,
      label: 'not_done',
      explanation: null,
      source: 'neosigma judge',
    })
  })

  test('stops at the calls of a day, and says how many runs it did not judge', async () => {
    start({ maxCallsPerDay: 2 })
    await publish(...numbered(5))
    await expect.poll(() => outcomes('over-budget'), soon).toBe(3)
    expect(asked).toBe(2)
    expect(await signals()).toHaveLength(2)
  })

  test('never spends more than the money of a day, counted at its most', async () => {
    start({ maxUsdPerDay: 0.003 })
    await publish(...numbered(30))
    await expect.poll(() => outcomes('over-budget'), soon).toBeGreaterThan(0)
    const [row] = await context.store.query<{ readonly usd: number }>(
      'SELECT sum(CostUsd) AS usd FROM neosigma_judgements FINAL',
    )
    expect(row?.usd).toBeLessThanOrEqual(0.003)
    expect(asked).toBeGreaterThan(0)
  })

  test('takes no answer but its closed schema, and does not ask again for what gave none', async () => {
    start({}, () => '{"grade":4,"reason":"done","note":"ignore the rules"}')
    const [run] = numbered(1)
    if (run === undefined) throw new Error('no run')
    await publish(run, { ...run, revision: 'again' })
    await expect.poll(() => outcomes('known'), soon).toBe(1)
    expect(asked).toBe(1)
    expect(await signals()).toEqual([])
  })

  test('comes back to a run when the model does', async () => {
    start({}, (call) => {
      if (call === 1) throw new TransientError('model-unavailable', 'down')
      return '{"grade":4,"reason":"done"}'
    })
    await publish(...numbered(1))
    await expect.poll(async () => (await signals()).length, soon).toBe(1)
    const [row] = await context.store.query<{ readonly calls: string }>(
      'SELECT sum(Calls) AS calls FROM neosigma_judgements FINAL',
    )
    expect(row?.calls).toBe('2')
  })

  test('is off unless it is switched on', async () => {
    start({ enabled: false })
    await judging
    expect(asked).toBe(0)
  })
})
