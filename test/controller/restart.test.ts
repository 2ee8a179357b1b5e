import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { startController } from '../../controller/main.ts'
import type { EventLog } from '../../pipeline/event-log/event-log.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { encodeEvent } from '../../schemas/cloud-event.ts'
import type { CycleEvent } from '../../schemas/cycle-event.ts'
import { cycleListing } from '../../schemas/cycle-listing.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { aRanking, aShop } from '../support/a-shop.ts'
import {
  appendEvent,
  eventually,
  publishRanking,
  readCycleEvents,
  readDecisions,
  readEvaluations,
} from '../support/controller-topics.ts'
import { openTestContext } from '../support/open-test-context.ts'
import { candidateTested, given, told } from '../support/specify-cycle.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** One share of sessions, so that the story is short: canary, promotion. */
const POLICY = { release: { steps: [0.2] } }

/** Plays the monitor: judges the canary once it is there. */
const judgeCanary = async (log: EventLog): Promise<void> => {
  const events = await readCycleEvents(log)
  const decision = (await readDecisions(log)).find((one) => one.decision === 'canary')
  if (decision === undefined || events.some(({ type }) => type === 'release-judged')) return
  await appendEvent(log, {
    type: 'release-judged',
    cycleId: decision.causation.cycleId ?? '',
    agent: 'shop',
    at: decision.at,
    digest: decision.toVersion,
    verdict: 'promote',
    weight: 0.2,
    evidence: [],
    reason: 'not worse',
  })
}

const isFinished = (events: readonly CycleEvent[]): boolean =>
  events.some(({ type }) => type === 'cycle-finished')

/** What must be the same however often the controller was stopped. */
const storyOf = async (log: EventLog) => {
  const events = await readCycleEvents(log)
  return {
    decisions: (await readDecisions(log)).map(({ id }) => id),
    evaluations: (await readEvaluations(log)).map(({ id }) => id).sort(),
    outcome: events.flatMap((event) => (event.type === 'cycle-finished' ? [event.outcome] : [])),
    kinds: events.map(({ type }) => type),
  }
}

const undisturbed = async () => {
  const shop = aShop(POLICY)
  const context = await openTestContext({ configuration: shop.configuration })
  const controller = await startController(context)
  await publishRanking(context.log, aRanking())
  await eventually(async () => {
    await judgeCanary(context.log)
    return isFinished(await readCycleEvents(context.log))
  })
  await eventually(async () => (await readDecisions(context.log)).at(-1)?.decision === 'promote')
  const story = await storyOf(context.log)
  await controller.stop()
  await context.close()
  shop.remove()
  return story
}

test('stopped and started again after each event, the controller comes to the same end and spends nothing twice', async () => {
  const expected = await undisturbed()
  const shop = aShop(POLICY)
  const context = await openTestContext({ configuration: shop.configuration })
  await publishRanking(context.log, aRanking())
  let seen = 0
  for (let done = false; !done; ) {
    const controller = await startController(context)
    const events = await eventually(async () => {
      await judgeCanary(context.log)
      const found = await readCycleEvents(context.log)
      return (found.length > seen || isFinished(found)) && found
    })
    seen = events.length
    done = isFinished(events)
    await controller.stop()
  }
  // The last decision may have been made and not published when the role was stopped.
  const controller = await startController(context)
  await eventually(async () => (await readDecisions(context.log)).at(-1)?.decision === 'promote')
  const [listed] = cycleListing(await readCycleEvents(context.log))
  await eventually(async () => {
    const rows = await context.store.query<{ readonly Body: string }>(
      'SELECT Body FROM neosigma_cycles FINAL',
    )
    return rows.length === 1 && rows[0]?.Body === JSON.stringify(listed)
  })
  await controller.stop()
  const story = await storyOf(context.log)
  await context.close()
  shop.remove()
  expect(story).toEqual(expected)
  expect(new Set(story.evaluations).size).toBe(story.evaluations.length)
}, 120_000)

test('killed at points all over a cycle, the controller comes to the same end, decides once and scores once', async () => {
  const expected = await undisturbed()
  const shop = aShop(POLICY)
  const { folder, remove } = temporaryFolder()
  const services = { clock: systemClock, logger: pino({ level: 'silent' }), metrics: openMetrics() }
  const settings = configuration.parse({ dataDir: folder })
  const log = await openEventLog(settings, NO_SECRETS, services)
  await log.createTopics(Object.values(TOPICS))
  await publishRanking(log, aRanking())
  const progress = async (): Promise<number> =>
    (await readCycleEvents(log)).length + (await readEvaluations(log)).length
  const kills: number[] = []
  for (let killed = 0; ; killed += 1) {
    const child = startProcess(folder, shop.configuration)
    const [begin, stride] = [await progress(), 9 + 5 * killed]
    await eventually(async () => {
      await judgeCanary(log)
      const finished = isFinished(await readCycleEvents(log))
      return finished || (await progress()) >= begin + stride
    })
    kills.push(await progress())
    if (isFinished(await readCycleEvents(log))) {
      await eventually(async () => (await readDecisions(log)).at(-1)?.decision === 'promote')
      await kill(child)
      break
    }
    await kill(child)
  }
  const story = await storyOf(log)
  await log.close()
  remove()
  shop.remove()
  process.stdout.write(`killed after so many events and evaluations: ${kills.join(', ')}\n`)
  expect(kills.length).toBeGreaterThan(4)
  expect(story).toEqual(expected)
  expect(new Set(story.evaluations).size).toBe(story.evaluations.length)
}, 180_000)

test('decisions that were made and not published are published at the start, in order, each once', async () => {
  const canary = given(
    told.started(),
    told.prepared(),
    candidateTested('wide', false),
    candidateTested('narrow', true, 1),
  ).settled()
  const made = canary.agent().decisions
  const shop = aShop(POLICY)
  const context = await openTestContext({ configuration: shop.configuration })
  for (const event of canary.events) await appendEvent(context.log, event)
  const [first] = made
  if (first !== undefined)
    await context.log.append([
      encodeEvent(TOPICS.decisions, first, {
        id: first.id,
        source: '/neosigma/controller',
        time: first.at,
        key: first.agent,
      }),
    ])
  const controller = await startController(context)
  const published = await eventually(async () => {
    const found = await readDecisions(context.log)
    return found.length >= made.length && found
  })
  await controller.stop()
  expect(published.map(({ id }) => id)).toEqual(made.map(({ id }) => id))
  expect((await readDecisions(context.log)).length).toBe(made.length)
  await context.close()
  shop.remove()
})

const startProcess = (folder: string, settings: object): ChildProcess => {
  const file = new URL('../support/controller-process.ts', import.meta.url).pathname
  return spawn(process.execPath, [file, folder, JSON.stringify(settings)], { stdio: 'inherit' })
}

const kill = async (child: ChildProcess): Promise<void> => {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
