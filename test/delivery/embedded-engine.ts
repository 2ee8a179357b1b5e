import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { freePorts } from '../../deploy/local/free-ports.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { writeAgents } from './agents.ts'
import { type DeliveryEngine, type EngineOptions, type Fault, LONGEST_LIFE_MS } from './engine.ts'
import { fillDisk, mountSmallDisk, NO_DISK } from './small-disk.ts'
import { untilReady } from './until-ready.ts'
import { startVictim, type Victim, type VictimOptions } from './victim.ts'

const FULL_MS = 10_000

/** SQLite and chDB: one process holds every role, and a kill takes all of it. */
export const openEmbeddedEngine = async ({
  folder,
  agents,
  withDisk,
  say,
}: EngineOptions): Promise<DeliveryEngine> => {
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir, { recursive: true })
  writeAgents(folder, agents)
  const disk = withDisk ? mountSmallDisk(dataDir, say) : NO_DISK
  const [grpc, http = 0, api = 0] = await freePorts(3)
  const options: VictimOptions = {
    args: ['start'],
    cwd: folder,
    notes: folder,
    variables: {
      NEOSIGMA_DATA_DIR: dataDir,
      NEOSIGMA_OTLP_GRPC_PORT: String(grpc),
      NEOSIGMA_OTLP_HTTP_PORT: String(http),
      NEOSIGMA_API_PORT: String(api),
      NEOSIGMA_RUN_QUIET_MS: '300',
    },
  }
  const doors = { otlp: `http://127.0.0.1:${http}`, api: `http://127.0.0.1:${api}` }
  const services = { clock: systemClock, logger: pino({ level: 'silent' }), metrics: openMetrics() }
  const log = await openEventLog(configuration.parse({ dataDir }), NO_SECRETS, services)
  await log.createTopics(Object.values(TOPICS))
  let last: Victim | null = null
  const settle = async (): Promise<void> => {
    last ??= startVictim(options)
    await untilReady(doors.api)
  }
  const full: Fault = {
    name: `disk full for ${FULL_MS / 1000} s`,
    befall: async () => {
      await settle()
      const release = fillDisk(dataDir)
      await pause(FULL_MS)
      release()
      await pause(FULL_MS / 2)
      const { how, words } = (await last?.end('SIGKILL')) ?? { how: 'moment', words: '' }
      last = null
      return how === 'itself'
        ? `the process ended by itself: ${words}`
        : 'the process lived through it'
    },
  }
  return {
    doors,
    log,
    apart: null,
    faults: disk.isMounted ? [full] : [],
    live: async (kill) => {
      const victim = startVictim(options, kill)
      let isOver = false
      let timer: NodeJS.Timeout | undefined
      // A busy machine needs longer to start than a life is long.
      const readied = untilReady(doors.api, () => isOver).catch(() => undefined)
      void readied.then(() => {
        if (!isOver) timer = setTimeout(() => void victim.end('SIGKILL'), LONGEST_LIFE_MS)
      })
      const fallen = await victim.fallen
      isOver = true
      clearTimeout(timer)
      return fallen
    },
    keep: settle,
    settle,
    close: async (keep) => {
      await last?.end('SIGTERM')
      await log.close()
      if (!keep) disk.unmount()
    },
  }
}
