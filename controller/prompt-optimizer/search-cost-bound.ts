/**
 * The most that a search can cost, before it starts: `N_pop · G_max · (C_mut + (|T_fix| + |T_hold|) · C_eval)`,
 * in the unit of the two costs (money, tokens, calls). The baseline's own evaluation, one more candidate's worth of
 * runs, comes on top; the hard caps of the policy hold whatever this says.
 * @example searchCostBound({ population: 4, generations: 3, fixTasks: 10, holdoutTasks: 10, mutationCost: 0, evaluationCost: 1 }) // 240
 */
export const searchCostBound = (plan: {
  readonly population: number
  readonly generations: number
  readonly fixTasks: number
  readonly holdoutTasks: number
  readonly mutationCost: number
  readonly evaluationCost: number
}): number =>
  plan.population *
  plan.generations *
  (plan.mutationCost + (plan.fixTasks + plan.holdoutTasks) * plan.evaluationCost)
