import type { Diagnosis } from '../../schemas/cluster.ts'
import { type CallsOfDay, NO_CALLS } from '../diagnosis/call-budget.ts'

/** What the calls of a model have come to; in memory, so that a restart begins the day's count anew. */
export interface ModelUse {
  spent: CallsOfDay
  /** Membership digest → what the model said of it, the latest used last. */
  readonly said: Map<string, Diagnosis>
}

export const newModelUse = (): ModelUse => ({ spent: NO_CALLS, said: new Map() })

const MOST_REMEMBERED = 500

/** What the model has said of this membership. */
export const recall = ({ said }: ModelUse, membership: string): Diagnosis | undefined => {
  const known = said.get(membership)
  if (known !== undefined) {
    said.delete(membership)
    said.set(membership, known)
  }
  return known
}

export const remember = ({ said }: ModelUse, membership: string, diagnosis: Diagnosis): void => {
  said.set(membership, diagnosis)
  for (const oldest of said.keys()) {
    if (said.size <= MOST_REMEMBERED) break
    said.delete(oldest)
  }
}
