import { expect, test } from 'vitest'
import { applyResult } from '../../../controller/prompt-optimizer/apply-result.ts'
import { nextAction } from '../../../controller/prompt-optimizer/next-action.ts'
import { searchCostBound } from '../../../controller/prompt-optimizer/search-cost-bound.ts'
import { startSearch } from '../../../controller/prompt-optimizer/start-search.ts'
import { configDigest } from '../../../schemas/agent-config.ts'
import { aPolicy, aSetup, taskNames } from '../../support/a-search.ts'
import { addingSection, driveSearch, sectionIds, type World } from '../../support/drive-search.ts'

/** The sections of these ids are proposed in turn; `score` says what they do. */
const worldOf = (ids: readonly string[], score: World['score']): World => {
  let next = 0
  return {
    propose: (order) =>
      Array.from({ length: order.count }, () => {
        const id = ids[next % ids.length] ?? 'none'
        next += 1
        return addingSection(id, `Text of ${id}.`)
      }),
    score,
  }
}

const fixedBy =
  (id: string, breaksHoldout = 0): World['score'] =>
  (config, run) => {
    const has = sectionIds(config).includes(id)
    return run.split === 'fix'
      ? Number(has)
      : has && Number(run.taskId.slice(4)) < breaksHoldout
        ? 0
        : 1
  }

test('the change that repairs everything ends the search with full marks', () => {
  const { state } = driveSearch(aSetup(), worldOf(['dud', 'cure'], fixedBy('cure')))
  expect(state.stopped?.reason).toBe('full-marks')
  const best = state.candidates[state.stopped?.best ?? '']
  expect(best && sectionIds(best.config)).toContain('cure')
  expect(best?.parents).toEqual([aSetup().baseline.digest])
})

test('a change that breaks as much as it repairs is not chosen', () => {
  const { state } = driveSearch(aSetup(), worldOf(['cure'], fixedBy('cure', 4)))
  expect(state.stopped?.best).toBeNull()
})

test('nothing is proposed where the baseline has full marks', () => {
  const { state, proposalOrders } = driveSearch(
    aSetup(),
    worldOf(['x'], () => 1),
  )
  expect(state.stopped).toEqual({ best: null, reason: 'no-headroom' })
  expect(proposalOrders).toEqual([])
})

test('a budget that does not buy baseline and one candidate is not touched', () => {
  const setup = aSetup({ policy: aPolicy({ maxAgentRuns: 23 }).search })
  const { state, runs } = driveSearch(
    setup,
    worldOf(['x'], () => 0),
  )
  expect(state.stopped).toEqual({ best: null, reason: 'budget' })
  expect(runs).toEqual([])
})

test('gates leave the budget to evaluate the best of them in full', () => {
  // 12 runs for the baseline, 8 for a gate, 4 for the rest of a candidate: two gates would leave 3.
  const setup = aSetup({ policy: aPolicy({ maxAgentRuns: 31 }).search })
  const cures: World['score'] = (config, run) =>
    run.split === 'holdout' || sectionIds(config).some((id) => id.startsWith('cure')) ? 1 : 0
  const { state } = driveSearch(setup, worldOf(['cure1', 'cure2', 'cure3', 'cure4'], cures))
  expect(state.stopped?.reason).toBe('full-marks')
})

test('a candidate that fails a critical task gets no run beyond its gate', () => {
  const setup = aSetup({ fixTaskIds: taskNames('fix', 20), criticalTaskIds: ['hold0'] })
  const { state, runs } = driveSearch(setup, worldOf(['cure'], fixedBy('cure', 1)))
  const cured = Object.values(state.candidates).find(({ config }) =>
    sectionIds(config).includes('cure'),
  )
  const taskIds = runs.filter(({ digest }) => digest === cured?.digest).map(({ taskId }) => taskId)
  expect(taskIds).toContain('hold0')
  expect(taskIds.length).toBeLessThan(12)
  expect(state.stopped?.best).toBeNull()
})

test('a search without progress stops before its generations are used up', () => {
  const setup = aSetup({ policy: aPolicy({ generations: 50, maxProposals: 1000 }).search })
  const ids = taskNames('dud', 200)
  const { state } = driveSearch(setup, worldOf(ids, fixedBy('cure')))
  expect(state.stopped?.reason).toBe('stagnation')
})

test('two steps are found of which none pays alone', () => {
  const needsBoth: World['score'] = (config, run) => {
    const ids = sectionIds(config)
    return run.split === 'holdout' || (ids.includes('first') && ids.includes('second')) ? 1 : 0
  }
  const setup = aSetup({
    policy: aPolicy({ generations: 10, crossover: 0.5, maxAgentRuns: 2000 }).search,
  })
  const { state } = driveSearch(setup, worldOf(['first', 'second'], needsBoth))
  expect(state.stopped?.reason).toBe('full-marks')
})

test('a candidate that only breaks things is not evaluated in full, not even on a plateau', () => {
  const breaks: World['score'] = (config, run) =>
    run.split === 'fix' || sectionIds(config).includes('dud') ? 0 : 1
  const { state } = driveSearch(aSetup(), worldOf(['dud'], breaks))
  expect(state.evaluated).toEqual([aSetup().baseline.digest])
})

test('a run that the infrastructure broke is tried again and never scored', () => {
  const broken: World['score'] = (config, run) =>
    run.taskId === 'fix0' && run.attempt < 3 ? null : fixedBy('cure')(config, run)
  const { state, runs } = driveSearch(aSetup(), worldOf(['cure'], broken))
  expect(state.stopped?.reason).toBe('full-marks')
  const attempts = runs.filter(
    ({ digest, taskId }) => taskId === 'fix0' && digest === state.stopped?.best,
  )
  expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
})

test('a candidate that cannot be run on every task is never ranked', () => {
  const broken: World['score'] = (config, run) =>
    run.taskId === 'fix0' && sectionIds(config).includes('cure')
      ? null
      : fixedBy('cure')(config, run)
  const { state } = driveSearch(aSetup(), worldOf(['cure'], broken))
  expect(state.stopped?.best).toBeNull()
  expect(state.evaluated).toEqual([aSetup().baseline.digest])
})

test('a task on which even the baseline cannot run leaves the plan, unless it is critical', () => {
  const broken: World['score'] = (config, run) =>
    run.taskId === 'hold0' ? null : fixedBy('cure')(config, run)
  const { state } = driveSearch(aSetup(), worldOf(['cure'], broken))
  expect(state.stopped?.reason).toBe('full-marks')
  expect(state.setup.holdoutTaskIds).not.toContain('hold0')
  const critical = driveSearch(aSetup({ criticalTaskIds: ['hold0'] }), worldOf(['cure'], broken))
  expect(critical.state.stopped).toEqual({ best: null, reason: 'baseline-not-runnable' })
})

test('a configuration that was rejected before is not run again', () => {
  const { state: first } = driveSearch(aSetup(), worldOf(['cure'], fixedBy('cure')))
  const setup = aSetup({ excluded: [first.stopped?.best ?? ''], constraints: ['hold0 regressed'] })
  const { state, proposalOrders } = driveSearch(setup, worldOf(['cure'], fixedBy('cure')))
  expect(state.stopped?.best).toBeNull()
  expect(state.refusals.flatMap(({ reasons }) => reasons)).toContain(
    `rejected-before: ${first.stopped?.best}`,
  )
  expect(proposalOrders[0]?.constraints).toEqual(['hold0 regressed'])
})

test('orders name fix tasks worst first and no holdout task', () => {
  const half: World['score'] = (_, run) => (run.taskId === 'fix3' ? 0 : 0.5)
  const { proposalOrders } = driveSearch(aSetup(), worldOf(['x'], half))
  expect(proposalOrders[0]?.taskScores[0]).toEqual({ taskId: 'fix3', score: 0 })
  expect(JSON.stringify(proposalOrders)).not.toContain('hold')
})

test('crossover unites repairs that two candidates found apart', () => {
  const halves: World['score'] = (config, run) => {
    const needed = Number(run.taskId.slice(3)) % 2 === 0 ? 'even' : 'odd'
    return run.split === 'holdout' || sectionIds(config).includes(needed) ? 1 : 0
  }
  const setup = aSetup({ policy: aPolicy({ crossover: 1, generations: 6, tournament: 1 }).search })
  const world: World = {
    // Every edit starts from what the baseline has, so that only a crossover can hold both.
    propose: (order) =>
      sectionIds(order.parent).some((id) => id === 'even' || id === 'odd')
        ? []
        : [addingSection('even', 'Mind the even.'), addingSection('odd', 'Mind the odd.')],
    score: halves,
  }
  const { state } = driveSearch(setup, world)
  const best = state.candidates[state.stopped?.best ?? '']
  expect(state.stopped?.reason).toBe('full-marks')
  expect(best?.operator).toBe('crossover')
})

test('results that nobody ordered change nothing', () => {
  const state = startSearch(aSetup())
  const result = { type: 'evaluated', orderId: 'somewhere/else', score: 1, passed: true } as const
  expect(applyResult(state, result)).toBe(state)
  const action = nextAction(state)
  const orders = action.type === 'evaluate' ? action.orders : []
  expect(new Set(orders.map(({ digest }) => digest))).toEqual(
    new Set([configDigest(state.setup.baseline.config)]),
  )
  expect(orders.length).toBe(12)
})

test('the bound printed before a cycle is population times generations times the cost of one candidate', () => {
  const plan = { population: 4, generations: 3, fixTasks: 10, holdoutTasks: 5 }
  expect(searchCostBound({ ...plan, mutationCost: 2, evaluationCost: 0.5 })).toBe(12 * (2 + 7.5))
})
