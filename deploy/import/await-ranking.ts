import type { Clock } from '../../pipeline/service-runtime/clock.ts'
import { TransientError } from '../../schemas/errors.ts'
import type { ApiClient } from '../cli/api-client.ts'
import { pendingAssemblies } from './stored-telemetry.ts'

export interface RankingProgress {
  readonly stage: 'storing' | 'assembling' | 'mining' | 'ranking'
  /** Of the stage; records, traces or agents. */
  readonly left: number
}

export interface RankingServices {
  readonly api: ApiClient
  readonly clock: Clock
  /** How long the miner may put off a clustering; taken where it runs elsewhere and cannot be asked. */
  readonly reclusterMs: number
  readonly onProgress: (progress: RankingProgress) => void
}

/** What a role must have read: the end of each partition when it was asked for. */
type Goal = ReadonlyMap<string, bigint>
interface Lag {
  readonly topic: string
  readonly partition: number
  readonly committed: string | null
  readonly end: string
}

const POLL_MS = 250
const PATIENCE_MS = 180_000

/**
 * Resolves when all that was sent before is stored, the traces are assembled, and the ranking is of a clustering that saw
 * them. Others may go on sending meanwhile.
 * @throws TransientError `store-unavailable` where nothing moves for three minutes
 */
export const awaitRanking = async (
  traceIds: readonly string[],
  services: RankingServices,
): Promise<void> => {
  const { api } = services
  await untilRead('writer', 'storing', services)
  await untilNone('assembling', () => pendingAssemblies(api, traceIds), services)
  await untilRead('miner', 'mining', services)
  if ((await unclusteredAgents(api)) === null) {
    services.onProgress({ stage: 'ranking', left: 1 })
    return services.clock.sleep(2 * services.reclusterMs)
  }
  await untilNone('ranking', async () => (await unclusteredAgents(api)) ?? 0, services)
}

const untilRead = async (
  role: 'writer' | 'miner',
  stage: RankingProgress['stage'],
  services: RankingServices,
): Promise<void> => {
  const readLag = async (): Promise<readonly Lag[]> =>
    (await services.api.get<{ readonly items: readonly Lag[] }>(`/v1/lag?role=${role}`)).items
  const goal: Goal = new Map((await readLag()).map((lag) => [placeOf(lag), BigInt(lag.end)]))
  await untilNone(
    stage,
    async () => {
      const behind = (await readLag()).map(
        (lag) => (goal.get(placeOf(lag)) ?? 0n) - BigInt(lag.committed ?? 0),
      )
      return Number(behind.reduce((sum, records) => (records > 0n ? sum + records : sum), 0n))
    },
    services,
  )
}

const placeOf = ({ topic, partition }: Lag): string => `${topic}:${partition}`

const untilNone = async (
  stage: RankingProgress['stage'],
  count: () => Promise<number>,
  { clock, onProgress }: RankingServices,
): Promise<void> => {
  let movedAtMs = clock.nowMs()
  let before = Number.POSITIVE_INFINITY
  for (;;) {
    const left = await count()
    onProgress({ stage, left })
    if (left === 0) return
    if (left !== before) movedAtMs = clock.nowMs()
    if (clock.nowMs() - movedAtMs > PATIENCE_MS)
      throw new TransientError('store-unavailable', `${stage} stands still with ${left} left.`)
    before = left
    await clock.sleep(POLL_MS)
  }
}

const GAUGE = /^neosigma_miner_unclustered_agents(?:\{[^}]*\})? (\d+)/m

/** null where the miner runs in another process. */
const unclusteredAgents = async (api: ApiClient): Promise<number | null> => {
  const found = GAUGE.exec(await api.text('/metrics'))?.[1]
  return found === undefined ? null : Number(found)
}
