/** What one finished cycle left the agent worth on the anchor set, and what it cost. */
export interface CycleValue {
  readonly cycleId: string
  /** V_k: mean score on the anchor, with its bounds. */
  readonly value: number
  readonly interval: readonly [number, number]
  /** In the unit of the budget: agent runs, or money where prices are known. */
  readonly cost: number
  readonly released: boolean
}

export interface ConvergencePolicy {
  /** Cycles in a row that are looked at. */
  readonly patience: number
  /** The smallest gain of V per unit of cost that is worth it. */
  readonly leastGainPerCost: number
  /** Largest fall of V against the gold baseline that is let be, over the whole campaign. */
  readonly totalMargin: number
}

export interface Convergence {
  readonly cycles: number
  /** V_k − V_{k−1} of each cycle; the first against the gold baseline. */
  readonly gains: readonly number[]
  readonly gainPerCost: number | null
  /** V_last − V_gold, and its lower bound. */
  readonly drift: number
  readonly driftBound: number
  readonly verdict: 'improving' | 'converged' | 'pause' | 'below-baseline'
  readonly reasons: readonly string[]
}

/**
 * Is a further cycle worth its cost? `pause` where the last `patience` cycles brought less per unit of cost than the policy asks even
 * at the upper bound of what they may have brought; `converged` where none of them released anything; `below-baseline` where it can no
 * longer be excluded that everything together fell below the gold baseline by the total margin. People resume; the loop does not.
 */
export const judgeConvergence = (
  gold: Pick<CycleValue, 'value' | 'interval'>,
  cycles: readonly CycleValue[],
  policy: ConvergencePolicy,
): Convergence => {
  const values = [gold, ...cycles]
  const gains = cycles.map(({ value }, k) => value - (values[k]?.value ?? value))
  const last = cycles.at(-1)
  const drift = last === undefined ? 0 : last.value - gold.value
  const driftBound = last === undefined ? 0 : last.interval[0] - gold.value
  const recent = cycles.slice(-policy.patience)
  const before = values[cycles.length - recent.length]
  const cost = recent.reduce((sum, cycle) => sum + cycle.cost, 0)
  const gain = last === undefined || before === undefined ? 0 : last.value - before.value
  const mostGain = last === undefined || before === undefined ? 0 : last.interval[1] - before.value
  const facts = {
    cycles: cycles.length,
    gains,
    gainPerCost: cost > 0 ? gain / cost : null,
    drift,
    driftBound,
  }
  if (last !== undefined && driftBound <= -policy.totalMargin)
    return {
      ...facts,
      verdict: 'below-baseline',
      reasons: [
        `the anchor may have lost ${(-driftBound).toFixed(3)} against the gold baseline; ${policy.totalMargin} is the total margin, and only a person can reset it`,
      ],
    }
  if (recent.length < policy.patience || cycles.length === 0)
    return { ...facts, verdict: 'improving', reasons: [] }
  if (recent.every(({ released }) => !released))
    return {
      ...facts,
      verdict: 'converged',
      reasons: [`the last ${policy.patience} cycles released nothing`],
    }
  return cost > 0 && mostGain / cost < policy.leastGainPerCost
    ? {
        ...facts,
        verdict: 'pause',
        reasons: [
          `the last ${policy.patience} cycles cost ${cost} and brought at most ${mostGain.toFixed(4)}: less than ${policy.leastGainPerCost} per unit`,
        ],
      }
    : { ...facts, verdict: 'improving', reasons: [] }
}
