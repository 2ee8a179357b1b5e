import { expect, test } from 'vitest'
import { objective } from '../../../controller/prompt-optimizer/objective.ts'
import type { SearchSetup } from '../../../controller/prompt-optimizer/search-state.ts'
import { applyPatch } from '../../../controller/safety/apply-patch.ts'
import type { AgentConfig } from '../../../schemas/agent-config.ts'
import { seededRandom, seedOf } from '../../../schemas/seeded-random.ts'
import { aPolicy, aSetup, taskNames } from '../../support/a-search.ts'
import { driveSearch } from '../../support/drive-search.ts'
import { type ToyWorld, toyProposal, toyWorld } from '../../support/toy-world.ts'

const WORLDS = 24
const BUDGET = 900
const PROPOSALS = 60
/** Long chains flatter random search here, since nothing punishes a long prompt: shorter ones do worse. */
const LONGEST_CHAIN = 12

const setupOf = (seed: number): SearchSetup =>
  aSetup({
    seed,
    fixTaskIds: taskNames('fix', 18),
    holdoutTaskIds: taskNames('hold', 12),
    policy: aPolicy({
      population: 8,
      generations: 12,
      maxAgentRuns: BUDGET,
      maxProposals: PROPOSALS,
    }).search,
  })

/**
 * The rival: the same proposer, seeds, objective and both caps. Chains of one to twelve proposals on the baseline, each
 * result evaluated in full, the best by J kept.
 */
const randomSearch = (setup: SearchSetup, world: ToyWorld): AgentConfig => {
  const random = seededRandom(`random/${setup.seed}`)
  const evaluate = (config: AgentConfig): { fix: number[]; holdout: number[] } => {
    const on = (taskIds: readonly string[], split: 'fix' | 'holdout'): number[] =>
      taskIds.map((taskId) => {
        const order = { id: '', digest: '', taskId, split, replicate: 0, attempt: 1 }
        return world.score(config, { ...order, seed: seedOf(`${taskId}:0`) }) ?? 0
      })
    return { fix: on(setup.fixTaskIds, 'fix'), holdout: on(setup.holdoutTaskIds, 'holdout') }
  }
  const base = evaluate(setup.baseline.config)
  const cost = setup.fixTaskIds.length + setup.holdoutTaskIds.length
  let best = {
    config: setup.baseline.config,
    value: objective({ ...base, baselineHoldout: base.holdout, penalty: 1 }),
  }
  let proposals = 0
  for (let spent = cost; spent + cost <= BUDGET; spent += cost) {
    let config = setup.baseline.config
    const length = 1 + Math.floor(random() * LONGEST_CHAIN)
    proposals += length
    if (proposals > PROPOSALS) break
    for (let step = 0; step < length; step += 1) {
      const applied = applyPatch(config, toyProposal(config, random).patch)
      if (applied.ok) config = applied.config
    }
    const value = objective({ ...evaluate(config), baselineHoldout: base.holdout, penalty: 1 })
    if (value > best.value) best = { config, value }
  }
  return best.config
}

const found = (setup: SearchSetup, world: ToyWorld): AgentConfig => {
  const { state } = driveSearch(setup, world)
  return state.candidates[state.stopped?.best ?? '']?.config ?? setup.baseline.config
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

test('the search finds planted repairs, and more of them than random search under the same two caps', () => {
  const seeds = Array.from({ length: WORLDS }, (_, index) => 100 + index)
  const pairs = seeds.map((seed) => {
    const [setup, world] = [setupOf(seed), toyWorld(seed)]
    return [world.truth(found(setup, world)), world.truth(randomSearch(setup, world))] as const
  })
  const [search, random] = [mean(pairs.map(([own]) => own)), mean(pairs.map(([, rival]) => rival))]
  const seen = `true J over ${WORLDS} worlds: search ${search.toFixed(3)}, random ${random.toFixed(3)}`
  // The baseline is .05, the best there is .9.
  expect(search, seen).toBeGreaterThan(0.6)
  expect(search, seen).toBeGreaterThan(random)
})

test('where no proposal can help, the search says so instead of choosing luck', () => {
  for (let seed = 0; seed < 8; seed += 1) {
    const { state } = driveSearch(setupOf(seed), toyWorld(seed, 0))
    expect(state.stopped?.best).toBeNull()
  }
})
