/** A hard cap on agent runs: taken before they start, so that it cannot be overshot. */
export interface RunBudget {
  left(): number
  /** Takes `runs`, all or none. */
  take(runs: number): boolean
}

export const runBudget = (cap: number, spent = 0): RunBudget => {
  let left = Math.max(0, cap - spent)
  return {
    left: () => left,
    take: (runs) => {
      if (runs > left) return false
      left -= runs
      return true
    },
  }
}
