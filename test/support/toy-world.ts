import type { Proposal } from '../../controller/prompt-optimizer/search-state.ts'
import type { AgentConfig } from '../../schemas/agent-config.ts'
import { type Random, seededRandom } from '../../schemas/seeded-random.ts'
import { addingSection, sectionIds, type World } from './drive-search.ts'

const CAUSES = 6
const DUDS = 12
const TOXINS = 4
/** Chance that a directed proposal names a cause that is still open. */
const DIRECTED = 0.4

export interface ToyWorld extends World {
  /** True objective over every task of the world: what a search should find, not what it happened to see. */
  readonly truth: (config: AgentConfig) => number
}

const has = (config: AgentConfig, id: string): boolean => sectionIds(config).includes(id)

/** A fix task passes (.9, else .05) when its cause is cured; a toxin halves the holdout tasks of its kind. */
const chance = (config: AgentConfig, split: 'fix' | 'holdout', index: number): number => {
  if (split === 'fix') return has(config, `cure${index % CAUSES}`) ? 0.9 : 0.05
  return has(config, `toxin${index % TOXINS}`) ? 0.45 : 0.9
}

/**
 * A pure world: six causes with a planted cure each, toxins that also look harmless on the fix tasks, and duds.
 * Outcomes are coin tosses shared between candidates by the run's seed.
 */
export const toyWorld = (seed: number, directed = DIRECTED): ToyWorld => ({
  propose: (order) => {
    const random = seededRandom(`${seed}/${order.seed}`)
    return Array.from({ length: order.count }, () => toyProposal(order.parent, random, directed))
  },
  score: (config, run) => {
    const toss = seededRandom(`${seed}/${run.seed}`)()
    return Number(toss < chance(config, run.split, Number(run.taskId.replace(/\D/gu, ''))))
  },
  truth: (config) => {
    const mean = (split: 'fix' | 'holdout', kinds: number): number =>
      Array.from({ length: kinds }, (_, kind) => chance(config, split, kind)).reduce(
        (a, b) => a + b,
      ) / kinds
    return mean('fix', CAUSES) - Math.max(0, 0.9 - mean('holdout', TOXINS))
  },
})

export const toyProposal = (parent: AgentConfig, random: Random, directed = DIRECTED): Proposal => {
  const open = Array.from({ length: CAUSES }, (_, cause) => `cure${cause}`).filter(
    (id) => !has(parent, id),
  )
  const pick = Math.floor(random() * (DUDS + TOXINS))
  const junk = pick < DUDS ? `dud${pick}` : `toxin${pick - DUDS}`
  const id = random() < directed ? (open[Math.floor(random() * open.length)] ?? junk) : junk
  // A section that is there already would be refused; a second wording of it is a dud.
  const fresh = has(parent, id) ? `${id}-again-${Math.floor(random() * 1e6)}` : id
  return addingSection(fresh, `Mind ${fresh}.`)
}
