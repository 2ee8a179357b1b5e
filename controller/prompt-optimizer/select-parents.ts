import type { Random } from '../../schemas/seeded-random.ts'
import { byObjective } from './objective.ts'
import type { SearchState } from './search-state.ts'

/** Tournament: the best of `policy.tournament` members drawn with replacement. */
export const selectParent = (state: SearchState, random: Random): string => {
  const { population } = state
  const draws = Array.from({ length: state.setup.policy.tournament }, () =>
    Math.floor(random() * population.length),
  )
  // The population is kept best first, so the lowest index wins.
  return population[Math.min(...draws)] ?? state.setup.baseline.digest
}

/**
 * Elitist replacement: the best `elite` of the old population stay, the new candidates replace the others, and old
 * members fill what is left up to `policy.population`. Best first.
 */
export const nextPopulation = (state: SearchState, children: readonly string[]): string[] => {
  const { population: size, elite } = state.setup.policy
  const old = byObjective(state, state.population)
  const kept = [...old.slice(0, elite), ...byObjective(state, children), ...old.slice(elite)]
  return byObjective(state, kept.slice(0, size))
}
