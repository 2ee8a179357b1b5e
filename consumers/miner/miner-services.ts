import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import type { Embedder } from '../embedding/embedder.ts'
import type { MinerState } from './miner-state.ts'
import { loadState } from './miner-store.ts'
import { oldestMs } from './plan-runs.ts'
import { createSerial, type Serial } from './serial.ts'

/** What the parts of the miner share. */
export interface Miner {
  readonly context: RoleContext
  readonly embedder: Embedder
  readonly serial: Serial
  /** The state; read from the store at first and after `forget`. Only inside `serial`. */
  state(): Promise<MinerState>
  /** Once after each reading of the state: its rankings may not have been published. */
  takeFresh(): boolean
  /** Agents with failures that no clustering has seen yet, or one under way; 1 while the state is not known. */
  unclustered(): number
  /** Counts a clustering as under way until it ends. */
  whileClustering(work: () => Promise<void>): Promise<void>
  /** What was decided but perhaps not stored is dropped: the store says what is true. */
  forget(): void
}

export const createMiner = (context: RoleContext, embedder: Embedder): Miner => {
  let known: Promise<MinerState> | null = null
  let fresh = true
  let current: MinerState | null = null
  let clusterings = 0
  return {
    context,
    embedder,
    serial: createSerial(),
    state: async () => {
      known ??= loadState(
        context.store,
        oldestMs(context.clock.nowMs(), context.configuration.miner),
      )
      try {
        current = await known
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
      (current === null ? 1 : [...current.agents.values()].filter(({ dirty }) => dirty).length),
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
