import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { startClickHouse } from '../../deploy/local/clickhouse/start-clickhouse.ts'
import { freePorts } from '../../deploy/local/free-ports.ts'
import { startKafka } from '../../deploy/local/kafka/start-kafka.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { writeAgents } from './agents.ts'
import { type DeliveryEngine, type EngineOptions, LONGEST_LIFE_MS } from './engine.ts'
import { kafkaFaults } from './kafka-faults.ts'
import { KILLED_ROLES } from './kill-points.ts'
import { mountSmallDisk, NO_DISK } from './small-disk.ts'
import { untilReady } from './until-ready.ts'
import { startVictim, type Victim, type VictimOptions } from './victim.ts'

const STEADY_ROLES = ['api', 'monitor'] as const
const ROLES = [...KILLED_ROLES, ...STEADY_ROLES]

/** A Kafka broker, a ClickHouse server, and each role a process of its own that dies apart from the others. */
export const openKafkaEngine = async ({
  folder,
  agents,
  withDisk,
  say,
}: EngineOptions): Promise<DeliveryEngine & { readonly pidOf: (role: string) => number }> => {
  const clickhouseDir = join(folder, 'clickhouse')
  mkdirSync(clickhouseDir, { recursive: true })
  writeAgents(folder, agents)
  const disk = withDisk ? mountSmallDisk(clickhouseDir, say) : NO_DISK
  const kafka = await startKafka({ dataDir: join(folder, 'kafka') })
  const clickhouse = await startClickHouse({ dataDir: join(clickhouseDir, 'server') })
  const [grpc, http, api, ...health] = await freePorts(3 + ROLES.length)
  const doors = { otlp: `http://127.0.0.1:${http}`, api: `http://127.0.0.1:${api}` }
  const optionsOf = (role: string, healthPort: number): VictimOptions => ({
    args: ['serve', role],
    cwd: folder,
    notes: folder,
    variables: {
      KAFKA_BROKERS: kafka.brokers,
      CLICKHOUSE_URL: clickhouse.url,
      NEOSIGMA_DATA_DIR: join(folder, role),
      NEOSIGMA_OTLP_GRPC_PORT: String(grpc),
      NEOSIGMA_OTLP_HTTP_PORT: String(http),
      NEOSIGMA_API_PORT: String(api),
      NEOSIGMA_HEALTH_PORT: String(healthPort),
      NEOSIGMA_RUN_QUIET_MS: '500',
    },
  })
  const ports = new Map<string, number>(ROLES.map((role, place) => [role, health[place] ?? 0]))
  const portOf = (role: string): number => ports.get(role) ?? 0
  const log = await openEventLog(
    configuration.parse({ eventLog: { driver: 'kafka', brokers: [kafka.brokers] } }),
    NO_SECRETS,
    { clock: systemClock, logger: pino({ level: 'silent' }), metrics: openMetrics() },
  )
  await log.createTopics(Object.values(TOPICS))
  const lasting = new Map<string, Victim>()
  let closing = false
  const start = (role: string): Victim => {
    const victim = startVictim(optionsOf(role, portOf(role)))
    lasting.set(role, victim)
    // As its supervisor would, we start it again; the reason is told.
    void victim.fallen.then(async ({ how, words }) => {
      if (how !== 'itself' || closing) return
      say(`${role} ended by itself: ${words.trim()}`)
      await pause(1000)
      if (!closing) start(role)
    })
    return victim
  }
  const keep = async (role: string): Promise<void> => {
    if (!lasting.has(role)) start(role)
    await untilReady(`http://127.0.0.1:${portOf(role)}`)
  }
  for (const role of STEADY_ROLES) await keep(role)
  return {
    pidOf: (role) => lasting.get(role)?.pid ?? 0,
    doors,
    log,
    apart: KILLED_ROLES,
    faults: kafkaFaults({
      kafka,
      clickhouse,
      fullFolder: disk.isMounted ? clickhouseDir : null,
      another: (role) => startVictim(optionsOf(role, 0)),
    }),
    live: async (kill) => {
      const { role } = kill.point
      const victim = startVictim(optionsOf(role, portOf(role)), kill)
      const timer = setTimeout(() => void victim.end('SIGKILL'), 8 * LONGEST_LIFE_MS)
      const fallen = await victim.fallen
      clearTimeout(timer)
      return fallen
    },
    keep,
    settle: async () => {
      await Promise.all(KILLED_ROLES.map(keep))
    },
    close: async (keepData) => {
      closing = true
      await Promise.all([...lasting.values()].map((victim) => victim.end('SIGTERM')))
      await log.close()
      await kafka.stop()
      await clickhouse.stop()
      if (!keepData) disk.unmount()
    },
  }
}
