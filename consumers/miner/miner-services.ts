import type { StoredRecord } from '../../pipeline/event-log/event-log.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { decodeEvent } from '../../schemas/cloud-event.ts'
import type { ClusterEvent } from '../../schemas/cluster.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'
import type { Embedder } from '../embedding/embedder.ts'
import { type FixesUnderWay, fixesUnderWay } from './fixes-under-way.ts'
import type { MinerState } from './miner-state.ts'
import { loadState } from './miner-store.ts'
import { type ModelUse, newModelUse } from './model-use.ts'
import { hasDrifted } from './recluster-due.ts'
import { createSerial, type Serial } from './serial.ts'

/** What the parts of the miner share. */
export interface Miner {
  readonly context: RoleContext
  readonly embedder: Embedder
  readonly serial: Serial
  readonly fixes: FixesUnderWay
  /** Calls of the model and what it has said. */
  readonly modelUse: ModelUse
  /** The state; read from the store at first and after `forget`. Only inside `serial`. */
  state(): Promise<MinerState>
  /** Once after each reading of the state: its rankings may not have been published. */
  takeFresh(): boolean
  /** Agents whose failures the last clustering no longer says, or one under way; 1 while the state is not known. */
  unclustered(): number
  /** Counts a clustering as under way until it ends. */
  whileClustering(work: () => Promise<void>): Promise<void>
  /** What was decided but perhaps not stored is dropped: the store says what is true. */
  forget(): void
}

export const createMiner = (
  context: RoleContext,
  embedder: Embedder,
  fixes: FixesUnderWay = fixesUnderWay(),
): Miner => {
  let known: Promise<MinerState> | null = null
  let fresh = true
  let current: MinerState | null = null
  let clusterings = 0
  return {
    context,
    embedder,
    serial: createSerial(),
    fixes,
    modelUse: newModelUse(),
    state: async () => {
      known ??= restoredState(context)
      try {
        current = await known
        for (const agent of current.agents.values()) agent.frozen = fixes.frozenOf(agent.agent)
        return current
      } catch (error) {
        known = null
        current = null
        throw error
      }
    },
    takeFresh: () => {
      const was = fresh
      fresh = false
      return was
    },
    unclustered: () =>
      clusterings +
      (current === null
        ? 1
        : [...current.agents.values()].filter(({ dirty, drift }) => dirty && hasDrifted(drift))
            .length),
    whileClustering: async (work) => {
      clusterings += 1
      try {
        await work()
      } finally {
        clusterings -= 1
      }
    },
    forget: () => {
      known = null
      current = null
      fresh = true
    },
  }
}

/** Work on the state that stores before it changes memory; after an error memory is read anew. */
export const change = <Result>(
  miner: Miner,
  work: (state: MinerState) => Promise<Result>,
): Promise<Result> =>
  miner.serial(async () => {
    try {
      return await work(await miner.state())
    } catch (error) {
      miner.forget()
      throw error
    }
  })

/** The state of the tables, and from the lineage which clusters have been reopened. */
const restoredState = async ({ store, log, configuration }: RoleContext): Promise<MinerState> => {
  const state = await loadState(store, configuration.miner)
  for await (const record of log.readAll(TOPICS.clusterEvents.name)) {
    const event = reopeningOf(record)
    if (event !== null) state.reopenedMs.set(event.clusterId, Date.parse(event.at))
  }
  return state
}

/** null for other events, and for what does not decode. */
const reopeningOf = (record: StoredRecord): ClusterEvent | null => {
  try {
    const event = decodeEvent(TOPICS.clusterEvents, record)
    return event.kind === 'reopened' ? event : null
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return null
  }
}
