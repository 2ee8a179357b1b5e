import { setTimeout as pause } from 'node:timers/promises'
import type { LocalClickHouse } from '../../deploy/local/clickhouse/start-clickhouse.ts'
import type { LocalKafka } from '../../deploy/local/kafka/start-kafka.ts'
import type { Fault } from './engine.ts'
import { fillDisk } from './small-disk.ts'
import type { Victim } from './victim.ts'

export interface FaultySystem {
  readonly kafka: LocalKafka
  readonly clickhouse: LocalClickHouse
  /** On the store's disk, where it has one of its own. */
  readonly fullFolder: string | null
  /** Starts one more process of a role. */
  readonly another: (role: string) => Victim
}

const BROKER_AWAY_MS = 5000
const STORE_AWAY_MS = 60_000
const TOGETHER_MS = 25_000
const FULL_MS = 10_000

export const kafkaFaults = (system: FaultySystem): readonly Fault[] => [
  {
    name: `broker killed, away for ${BROKER_AWAY_MS / 1000} s`,
    befall: async () => {
      await system.kafka.kill()
      await pause(BROKER_AWAY_MS)
      await system.kafka.restart()
      return 'started again on the same folder'
    },
  },
  {
    name: 'a second writer, run assembler and miner join; the first leaves in order, the others are killed',
    befall: () => joinAndLeave(system),
  },
  {
    name: `store killed, away for ${STORE_AWAY_MS / 1000} s`,
    befall: async () => {
      await system.clickhouse.kill()
      await pause(STORE_AWAY_MS)
      await system.clickhouse.restart()
      return 'started again on the same folder'
    },
  },
  ...(system.fullFolder === null ? [] : [fullStore(system.fullFolder)]),
]

const joinAndLeave = async ({ another }: FaultySystem): Promise<string> => {
  const [writer, ...others] = ['writer', 'runs', 'miner'].map(another)
  await pause(TOGETHER_MS)
  const ends = await Promise.all([
    writer?.end('SIGTERM'),
    ...others.map((victim) => victim.end('SIGKILL')),
  ])
  const byThemselves = ends.filter((end) => end?.how === 'itself')
  return byThemselves.length === 0
    ? 'all three worked until then'
    : byThemselves.map((end) => `one ended by itself: ${end?.words}`).join('; ')
}

const fullStore = (folder: string): Fault => ({
  name: `the store's disk full for ${FULL_MS / 1000} s`,
  befall: async () => {
    const release = fillDisk(folder)
    await pause(FULL_MS)
    release()
    return 'room again'
  },
})
