import type { EventLog } from '../../pipeline/event-log/event-log.ts'
import type { Kill, KilledRole } from './kill-points.ts'
import type { Doors } from './producers.ts'
import type { Fallen } from './victim.ts'

/** A fault that is no death of a role. */
export interface Fault {
  readonly name: string
  /** Resolves when it is over and the system is whole again; answers what there is to say. */
  befall(): Promise<string>
}

/** The system on one kind of engines, as the delivery test handles it. */
export interface DeliveryEngine {
  readonly doors: Doors
  /** The same log, opened beside the system. */
  readonly log: EventLog
  /** Roles that die apart from each other; null where one process holds all. */
  readonly apart: readonly KilledRole[] | null
  readonly faults: readonly Fault[]
  /** A life that ends as the kill says; what dies is not started again by this. */
  live(kill: Kill): Promise<Fallen>
  /** A role that has died all its deaths runs on. */
  keep(role: KilledRole): Promise<void>
  /** Everything runs, and nothing is going to die. */
  settle(): Promise<void>
  /** Stops everything; `keep` leaves the data for another time. */
  close(keep: boolean): Promise<void>
}

export interface EngineOptions {
  readonly folder: string
  /** Of the agents under improvement. */
  readonly agents: readonly string[]
  /** Whether the store gets a disk of its own, which can be filled. */
  readonly withDisk: boolean
  readonly say: (text: string) => void
}

/** No life is longer: what has not reached its point is killed where it is. */
export const LONGEST_LIFE_MS = 5000
