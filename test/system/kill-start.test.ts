import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { apiClient } from '../../deploy/cli/api-client.ts'
import type { EventLog } from '../../pipeline/event-log/event-log.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { seededRandom } from '../../schemas/seeded-random.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { aRanking, aShop } from '../support/a-shop.ts'
import {
  type Acknowledged,
  loadUntilDeath,
  nothingAcknowledged,
} from '../support/acknowledged-load.ts'
import { type CliOptions, type StartedCli, startCli } from '../support/cli.ts'
import {
  appendEvent,
  publishRanking,
  readCycleEvents,
  readDecisions,
} from '../support/controller-topics.ts'

const KILLS = 20
const LONGEST_LIFE_MS = 1500
const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** The log of a system that is dead, or beside one that lives. */
const withLog = async <Result>(
  dataDir: string,
  use: (log: EventLog) => Promise<Result>,
): Promise<Result> => {
  const services = { clock: systemClock, logger: pino({ level: 'silent' }), metrics: openMetrics() }
  const log = await openEventLog(configuration.parse({ dataDir }), NO_SECRETS, services)
  try {
    await log.createTopics(Object.values(TOPICS))
    return await use(log)
  } finally {
    await log.close()
  }
}

/** Records whose acknowledgement was given and whose insert was not committed. */
const acknowledgedUncommitted = async (
  log: EventLog,
  { traces }: Acknowledged,
): Promise<number> => {
  let found = 0
  const lags = await log.lag('neosigma-writer')
  for (const { name } of [TOPICS.spans, TOPICS.logs])
    for await (const { key, partition, offset } of log.readAll(name)) {
      const lag = lags.find((one) => one.topic === name && one.partition === partition)
      if (offset >= (lag?.committed ?? 0n) && key !== null && traces.has(key)) found += 1
    }
  return found
}

/** Plays the monitor once a canary is out, and a person once it is promoted. */
const moveReleaseOn = async (log: EventLog, url: string): Promise<void> => {
  const decisions = await readDecisions(log)
  const kinds = decisions.map(({ decision }) => decision)
  const canary = decisions.find(({ decision }) => decision === 'canary')
  const judged = (await readCycleEvents(log)).some(({ type }) => type === 'release-judged')
  if (canary !== undefined && !judged)
    await appendEvent(log, {
      type: 'release-judged',
      cycleId: canary.causation.cycleId ?? '',
      agent: 'shop',
      at: canary.at,
      digest: canary.toVersion,
      verdict: 'promote',
      weight: canary.canary?.weight ?? 0,
      evidence: [],
      reason: 'not worse',
    })
  const asked: string[] = []
  for await (const { key } of log.readAll(TOPICS.commands.name)) asked.push(key ?? '')
  if (kinds.includes('promote') && asked.length === 0)
    await apiClient(url).post('/v1/agents/shop/rollback', { reviewer: 'test' })
}

interface Death {
  readonly uncommitted: number
  readonly cycleEvents: number
  readonly decisions: number
}

/** One life under load, and where it ended. Every second death follows an acknowledgement at once. */
const liveAndDie = async (
  options: CliOptions,
  acknowledged: Acknowledged,
  { lifeMs, afterAcknowledgement }: { lifeMs: number; afterAcknowledgement: boolean },
): Promise<Death> => {
  const system = await startCli(options)
  await withLog(options.dataDir, (log) => moveReleaseOn(log, system.url))
  const load = loadUntilDeath(system.httpPort, acknowledged)
  await pause(lifeMs)
  if (afterAcknowledgement) await load.nextAcknowledgement()
  await system.end('SIGKILL')
  await load.ended
  return withLog(options.dataDir, async (log) => ({
    uncommitted: await acknowledgedUncommitted(log, acknowledged),
    cycleEvents: (await readCycleEvents(log)).length,
    decisions: (await readDecisions(log)).length,
  }))
}

const untilCaughtUp = async ({ url }: StartedCli, { traces }: Acknowledged): Promise<void> => {
  const api = apiClient(url)
  await expect
    .poll(
      async () => {
        const runs = new Set<string>()
        for await (const { id } of api.rows<{ readonly id: string }>(
          'SELECT TraceId AS id FROM neosigma_runs FINAL',
        ))
          runs.add(id)
        return [...traces].filter((id) => !runs.has(id)).length
      },
      { timeout: 120_000, interval: 1000 },
    )
    .toBe(0)
}

const counts = async (system: StartedCli, sql: string): Promise<ReadonlyMap<string, number>> => {
  const found = new Map<string, number>()
  type Row = { readonly id: string; readonly n: number }
  for await (const { id, n } of apiClient(system.url).rows<Row>(sql)) found.set(id, n)
  return found
}

test('killed 20 times under load, the system loses nothing acknowledged, counts nothing twice and decides once', async () => {
  const seed = process.env['NEOSIGMA_TEST_SEED'] ?? String(Date.now())
  say(`kill-start: NEOSIGMA_TEST_SEED=${seed}`)
  const random = seededRandom(seed)
  const shop = aShop({ release: { steps: [0.2] } })
  onTestFinished(() => shop.remove())
  const options = { dataDir: join(shop.folder, 'data'), cwd: shop.folder }
  writeFileSync(join(shop.folder, 'neosigma.config.jsonc'), JSON.stringify(shop.configuration))
  await withLog(options.dataDir, (log) => publishRanking(log, aRanking()))
  const acknowledged = nothingAcknowledged()
  const deaths: Death[] = []
  for (let kill = 1; kill <= KILLS; kill++) {
    const moment = { lifeMs: random() * LONGEST_LIFE_MS, afterAcknowledgement: kill % 2 === 0 }
    const death = await liveAndDie(options, acknowledged, moment)
    deaths.push(death)
    const place =
      death.uncommitted > 0
        ? `between acknowledgement and commit of ${death.uncommitted} records`
        : 'with everything committed'
    say(
      `  kill ${kill} after ${Math.round(moment.lifeMs)} ms of load: ${place}; ${death.cycleEvents} cycle events, ${death.decisions} decisions`,
    )
  }
  const between = deaths.filter(({ uncommitted }) => uncommitted > 0).length
  say(
    `  ${between} of ${KILLS} between acknowledgement and commit; ${acknowledged.spans.size} spans`,
  )
  expect(between).toBeGreaterThanOrEqual(KILLS / 2)

  const last = await startCli(options)
  onTestFinished(async () => void (await last.end('SIGKILL')))
  await untilCaughtUp(last, acknowledged)
  const spans = await counts(
    last,
    `SELECT concat(TraceId, ':', SpanId) AS id, toUInt32(count()) AS n FROM otel_traces FINAL GROUP BY id`,
  )
  expect([...acknowledged.spans].filter((id) => spans.get(id) !== 1)).toEqual([])
  expect([...spans].filter(([, n]) => n !== 1)).toEqual([])
  const lines = await counts(
    last,
    'SELECT Body AS id, toUInt32(count()) AS n FROM otel_logs FINAL GROUP BY id',
  )
  expect([...acknowledged.logs].filter((id) => lines.get(id) !== 1)).toEqual([])
  expect([...lines].filter(([, n]) => n !== 1)).toEqual([])

  const decisions = await withLog(options.dataDir, async (log) => {
    await expect
      .poll(
        async () => {
          await moveReleaseOn(log, last.url)
          return (await readDecisions(log)).map(({ decision }) => decision)
        },
        { timeout: 180_000, interval: 500 },
      )
      .toEqual(expect.arrayContaining(['canary', 'promote', 'rollback']))
    return readDecisions(log)
  })
  say(`  decisions: ${decisions.map(({ decision }) => decision).join(', ')}`)
  const what = decisions.map(({ decision, toVersion, canary, causation }) =>
    [causation.cycleId, decision, toVersion, canary?.weight].join(),
  )
  expect(new Set(decisions.map(({ id }) => id)).size).toBe(decisions.length)
  expect(new Set(what).size).toBe(decisions.length)
}, 900_000)
