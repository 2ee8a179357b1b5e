import { expect, test } from 'vitest'
import type { SearchState } from '../../../controller/prompt-optimizer/search-state.ts'
import {
  nextPopulation,
  selectParent,
} from '../../../controller/prompt-optimizer/select-parents.ts'
import { startSearch } from '../../../controller/prompt-optimizer/start-search.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'
import { aPolicy, aSetup } from '../../support/a-search.ts'

/** A search whose members have these fix scores; later names are newer. */
const scored = (
  members: Readonly<Record<string, number>>,
  search: Parameters<typeof aPolicy>[0],
  population: readonly string[],
): SearchState => ({
  ...startSearch(
    aSetup({ fixTaskIds: ['fix0'], holdoutTaskIds: [], policy: aPolicy(search).search }),
  ),
  evaluated: Object.keys(members),
  population,
  scores: Object.fromEntries(
    Object.entries(members).map(([name, score]) => [name, { 'fix0#0': { score, passed: true } }]),
  ),
})

test('the elite stays although every child is better, and children replace the others although they are worse', () => {
  const members = { base: 0.1, old: 0.5, older: 0.4, child1: 0.6, child2: 0.2, child3: 0.3 }
  const state = scored(members, { population: 4, elite: 1 }, ['old', 'older', 'base'])
  expect(nextPopulation(state, ['child1', 'child2', 'child3'])).toEqual([
    'child1',
    'old',
    'child3',
    'child2',
  ])
  expect(nextPopulation(state, ['child2'])).toEqual(['old', 'older', 'child2', 'base'])
})

test('of equals the newer comes first', () => {
  const state = scored({ base: 0.5, child: 0.5 }, { population: 2, elite: 1 }, ['base'])
  expect(nextPopulation(state, ['child'])).toEqual(['child', 'base'])
})

test('a larger tournament chooses the best more often; one of size 1 chooses evenly', () => {
  const wins = (tournament: number): number => {
    const state = scored({ base: 0.1, child: 0.9 }, { tournament }, ['child', 'base'])
    const random = seededRandom('tournament')
    return (
      Array.from({ length: 2000 }, () => selectParent(state, random)).filter(
        (name) => name === 'child',
      ).length / 2000
    )
  }
  // 1 − 2^−k: four standard errors are .045 at most.
  expect(Math.abs(wins(1) - 0.5)).toBeLessThan(0.045)
  expect(Math.abs(wins(3) - 0.875)).toBeLessThan(0.03)
})
