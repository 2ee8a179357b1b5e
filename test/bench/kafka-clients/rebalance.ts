import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { EventLog } from '../../../pipeline/event-log/event-log.ts'
import { openEventLog } from '../../../pipeline/event-log/open-event-log.ts'
import { systemClock } from '../../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { openLogger } from '../../../pipeline/service-runtime/logger.ts'
import { openMetrics } from '../../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'

const CHILD = join(import.meta.dirname, '..', '..', 'support', 'log-child.ts')
const PARTITIONS = 8
const APPENDED = 3000
const TOGETHER = 25
const POLL_MS = 50

interface Member {
  readonly child: ChildProcess
  readonly values: string[]
}

/**
 * Three members, batches of five records: one is killed, one ends in order, one joins, while records are appended. Answers a
 * line with what was lost and what was delivered twice.
 */
export const measureRebalance = async (brokers: string, client: string): Promise<string> => {
  const settings = { eventLog: { driver: 'kafka', brokers: [brokers], client } }
  const log = await openEventLog(configuration.parse(settings), NO_SECRETS, {
    clock: systemClock,
    logger: openLogger({ logLevel: 'warn' }),
    metrics: openMetrics(),
  })
  const topic = `rebalance.${client}`
  await log.createTopics([{ name: topic, partitions: PARTITIONS, retentionHours: null }])
  const start = (): Member =>
    startMember({ configuration: settings, act: 'consume', topic, group: topic })
  const members = [start(), start(), start()]
  await append(log, topic, 0, APPENDED / 3)
  const startedMs = performance.now()
  await Promise.all([end(members[0], 'SIGKILL'), append(log, topic, APPENDED / 3, APPENDED / 3)])
  members.push(start())
  await Promise.all([
    end(members[1], 'SIGTERM'),
    append(log, topic, (2 * APPENDED) / 3, APPENDED / 3),
  ])
  await untilCaughtUp(log, topic)
  const tookMs = performance.now() - startedMs
  await Promise.all(members.map((member) => end(member, 'SIGTERM')))
  await log.close()
  const delivered = members.flatMap(({ values }) => values)
  const distinct = new Set(delivered).size
  return `\n${client}: three members and a fourth, one killed, one stopped: ${APPENDED - distinct} of ${APPENDED} lost, ${delivered.length - distinct} delivered twice, caught up after ${(tookMs / 1000).toFixed(1)} s`
}

const startMember = (task: unknown): Member => {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const values: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    // A killed process may leave half a line.
    try {
      values.push(...((JSON.parse(line) as { values?: string[] }).values ?? []))
    } catch {}
  })
  return { child, values }
}

const end = async (member: Member | undefined, signal: NodeJS.Signals): Promise<void> => {
  if (member === undefined || member.child.exitCode !== null || member.child.signalCode !== null)
    return
  const closed = once(member.child, 'close')
  member.child.kill(signal)
  await closed
}

const append = async (
  log: EventLog,
  topic: string,
  first: number,
  count: number,
): Promise<void> => {
  for (let at = first; at < first + count; at += TOGETHER)
    await log.append(
      Array.from({ length: TOGETHER }, (_, i) => ({
        topic,
        key: `k${(at + i) % 50}`,
        value: Buffer.from(String(at + i)),
      })),
    )
}

const untilCaughtUp = async (log: EventLog, group: string): Promise<void> => {
  for (;;) {
    const lags = await log.lag(group)
    if (lags.length > 0 && lags.every(({ committed, end: last }) => (committed ?? 0n) === last))
      return
    await systemClock.sleep(POLL_MS)
  }
}
