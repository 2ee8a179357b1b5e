/** Calls of a model on one day, in UTC. */
export interface CallsOfDay {
  readonly day: string
  readonly calls: number
}

export const NO_CALLS: CallsOfDay = { day: '', calls: 0 }

/** The day's count after `wanted` more calls, of which only those within `mostPerDay` are `granted`. */
export const takeCalls = (
  spent: CallsOfDay,
  wanted: number,
  limit: { readonly nowMs: number; readonly mostPerDay: number },
): { readonly granted: number; readonly spent: CallsOfDay } => {
  const day = new Date(limit.nowMs).toISOString().slice(0, 10)
  const calls = spent.day === day ? spent.calls : 0
  const granted = Math.max(0, Math.min(wanted, limit.mostPerDay - calls))
  return { granted, spent: { day, calls: calls + granted } }
}
