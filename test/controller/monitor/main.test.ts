import { afterEach, beforeEach, expect, test } from 'vitest'
import { startMonitor } from '../../../controller/monitor/main.ts'
import type { Role } from '../../../pipeline/service-runtime/role.ts'
import { encodeEvent } from '../../../schemas/cloud-event.ts'
import { type CycleEvent, cycleEvent } from '../../../schemas/cycle-event.ts'
import type { DeploymentDecision } from '../../../schemas/decision.ts'
import { storeTime } from '../../../schemas/tables.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { aDecision, aVersion } from '../../support/a-decision.ts'
import { openTestContext, type TestContext } from '../../support/open-test-context.ts'

const old = aVersion('old')
const fresh = aVersion('new')
const START = Date.now() - 3_600_000

type Judged = Extract<CycleEvent, { type: 'release-judged' }>

let context: TestContext
let monitor: Role

beforeEach(async () => {
  context = await openTestContext({ configuration: { agents: { support: {} } } })
  monitor = await startMonitor(context)
})

afterEach(async () => {
  await monitor.stop()
  await context.close()
})

const publish = (decision: DeploymentDecision): Promise<void> => {
  const { id, at, agent } = decision
  const attributes = { id, source: '/neosigma/controller', time: at, key: agent }
  return context.log.append([encodeEvent(TOPICS.decisions, decision, attributes)])
}

const canary = (weight: number, atMs: number): DeploymentDecision =>
  aDecision('canary', fresh, {
    from: old,
    canary: { weight, salt: 's' },
    step: weight,
    at: new Date(atMs).toISOString(),
  })

/** Stores runs of both versions in turn, one a second, as the runs role leaves them; `revision` makes later rows win. */
const storeRuns = (
  scores: { readonly old: number; readonly fresh: number },
  { n, fromMs, revision = 0 }: { n: number; fromMs: number; revision?: number },
): Promise<void> => {
  const rows = Array.from({ length: 2 * n }, (_, i) => {
    const version = i % 2 === 0 ? 'old' : 'fresh'
    const at = storeTime(fromMs + i * 1000)
    return {
      TraceId: (fromMs + i).toString(16).padStart(32, '0'),
      Revision: String(revision),
      AssembledThrough: storeTime(fromMs + i * 1000 + revision),
      Agent: 'support',
      AgentVersion: version === 'old' ? old.digest : fresh.digest,
      StartedAt: at,
      EndedAt: at,
      DurationMs: 1,
      Outcome: scores[version] >= 0.5 ? 'pass' : 'fail',
      Score: scores[version],
      ModelCalls: 1,
      ToolCalls: 0,
      Body: '{}',
    }
  })
  return context.store.insert('neosigma_runs', rows)
}

const judgements = async (): Promise<readonly Judged[]> => {
  const found: Judged[] = []
  for await (const record of context.log.readAll(TOPICS.cycleEvents.name)) {
    const event = cycleEvent.parse(JSON.parse(new TextDecoder().decode(record.value)))
    if (event.type === 'release-judged') found.push(event)
  }
  return found
}

/** Waits until there are so many judgements; vitest's time limit ends a wait in vain. */
const judgementsOnce = async (n: number): Promise<readonly Judged[]> => {
  for (;;) {
    const found = await judgements()
    if (found.length >= n) return found
    await context.clock.sleep(50)
  }
}

test('a good canary is judged once at each share, then promoted, across a restart', async () => {
  await storeRuns({ old: 0, fresh: 1 }, { n: 40, fromMs: START })
  await publish(canary(0.2, START))
  const [first] = await judgementsOnce(1)
  expect(first).toMatchObject({
    verdict: 'step',
    weight: 0.2,
    digest: fresh.digest,
    cycleId: 'cycle-1',
  })
  expect(first?.evidence[0]).toMatchObject({ role: 'production', verdict: 'superior', n: 40 })

  await monitor.stop()
  monitor = await startMonitor(context)
  await storeRuns({ old: 0, fresh: 1 }, { n: 40, fromMs: START + 200_000 })
  await publish(canary(0.5, START + 200_000))
  const both = await judgementsOnce(2)
  expect(both.map(({ verdict, weight }) => [verdict, weight])).toEqual([
    ['step', 0.2],
    ['promote', 0.5],
  ])
})

test('a run that is revised counts once with its last score', async () => {
  await storeRuns({ old: 1, fresh: 1 }, { n: 30, fromMs: START })
  await storeRuns({ old: 1, fresh: 0 }, { n: 30, fromMs: START, revision: 1 })
  await publish(canary(0.2, START))
  const [judged] = await judgementsOnce(1)
  expect(judged).toMatchObject({ verdict: 'rollback', weight: 0.2 })
  expect(judged?.evidence[0]).toMatchObject({ n: 30, effect: -1 })
})

test('a promoted version that falls is taken back, by runs since the promotion', async () => {
  const promotedMs = START + 600_000
  await storeRuns({ old: 1, fresh: 1 }, { n: 40, fromMs: START })
  await publish(aDecision('promote', fresh, { from: old, at: new Date(promotedMs).toISOString() }))
  await storeRuns({ old: 1, fresh: 0 }, { n: 40, fromMs: promotedMs })
  const judged = (await judgementsOnce(1)).at(-1)
  expect(judged).toMatchObject({ verdict: 'rollback', weight: 1 })
  expect(judged?.evidence[0]).toMatchObject({ method: 'drop-detector', n: 40 })
})
