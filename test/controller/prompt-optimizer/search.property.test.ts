import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyResult } from '../../../controller/prompt-optimizer/apply-result.ts'
import { nextAction } from '../../../controller/prompt-optimizer/next-action.ts'
import { objectiveOf } from '../../../controller/prompt-optimizer/objective.ts'
import type { SearchSetup, SearchState } from '../../../controller/prompt-optimizer/search-state.ts'
import { shuffled } from '../../../controller/prompt-optimizer/shuffled.ts'
import { startSearch } from '../../../controller/prompt-optimizer/start-search.ts'
import { canonicalJson, sha256 } from '../../../schemas/canonical-json.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'
import { aPolicy, aSetup, taskNames } from '../../support/a-search.ts'
import { addingSection, driveSearch, sectionIds, type World } from '../../support/drive-search.ts'

/** Everything in it depends on the world's seed and the question alone: some runs break, some proposals are refused. */
const noisyWorld = (seed: number, breakage: number): World => ({
  propose: (order) => {
    const random = seededRandom(`${seed}/${order.id}`)
    return Array.from({ length: Math.floor(random() * (order.count + 2)) }, () => {
      const id = `idea${Math.floor(random() * 12)}`
      return addingSection(id, random() < 0.1 ? 'See http://example.test/a' : `Do ${id}.`)
    })
  },
  score: (config, run) => {
    const draw = seededRandom(`${seed}/${run.id}`)()
    if (draw < breakage) return null
    const known = Number.parseInt(sha256(`${seed}/${run.taskId}`).slice(0, 8), 16) % 12
    if (run.split === 'holdout') return sectionIds(config).includes(`idea${known}`) ? 0 : 1
    return sectionIds(config).includes(`idea${known}`) ? 1 : draw < 0.3 ? 0.5 : 0
  },
})

const cases = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  breakage: fc.constantFrom(0, 0.1, 0.9),
  fix: fc.integer({ min: 0, max: 9 }),
  hold: fc.integer({ min: 0, max: 6 }),
  critical: fc.integer({ min: 0, max: 2 }),
  replicates: fc.integer({ min: 1, max: 2 }),
  population: fc.integer({ min: 2, max: 6 }),
  generations: fc.integer({ min: 1, max: 6 }),
  elite: fc.integer({ min: 1, max: 7 }),
  tournament: fc.integer({ min: 1, max: 4 }),
  crossover: fc.constantFrom(0, 0.5, 1),
  maxAgentRuns: fc.integer({ min: 1, max: 200 }),
  maxProposals: fc.integer({ min: 1, max: 15 }),
})
type Case = typeof cases extends fc.Arbitrary<infer Value> ? Value : never

const setupOf = ({
  seed,
  breakage: _,
  fix,
  hold,
  critical,
  replicates,
  ...search
}: Case): SearchSetup =>
  aSetup({
    fixTaskIds: taskNames('fix', fix),
    holdoutTaskIds: taskNames('hold', hold),
    criticalTaskIds: taskNames('hold', critical),
    policy: aPolicy(search).search,
    replicates,
    seed,
  })

const drive = (
  drawn: Case,
  arrange?: Parameters<typeof driveSearch>[2],
): ReturnType<typeof driveSearch> =>
  driveSearch(setupOf(drawn), noisyWorld(drawn.seed, drawn.breakage), arrange)

test('no search spends more agent runs or proposals than it may, and every search ends', () => {
  fc.assert(
    fc.property(cases, (drawn) => {
      const { state, runs, proposalOrders } = drive(drawn)
      const proposals = proposalOrders.reduce((sum, { count }) => sum + count, 0)
      expect(runs.length).toBeLessThanOrEqual(drawn.maxAgentRuns)
      expect(proposals).toBeLessThanOrEqual(drawn.maxProposals)
      expect(state.spent).toEqual({ agentRuns: runs.length, proposals })
      expect(new Set(runs.map(({ id }) => id)).size).toBe(runs.length)
    }),
    { numRuns: 150 },
  )
})

test('the seed of a run depends on task and replicate only', () => {
  fc.assert(
    fc.property(cases, (drawn) => {
      const seeds = new Map<string, number>()
      for (const { taskId, replicate, seed } of drive(drawn).runs) {
        const key = `${taskId}:${replicate}`
        expect(seeds.get(key) ?? seed).toBe(seed)
        seeds.set(key, seed)
      }
    }),
    { numRuns: 40 },
  )
})

test('the order in which the results of a wave come in does not matter', () => {
  fc.assert(
    fc.property(cases, fc.integer(), (drawn, order) => {
      const random = seededRandom(order)
      const twice = drive(drawn, (results) => shuffled([...results, ...results], random))
      expect(twice.state).toEqual(drive(drawn).state)
    }),
    { numRuns: 60 },
  )
})

test('a search that was stored and read again at any point goes on the same way', () => {
  fc.assert(
    fc.property(cases, (drawn) => {
      const world = noisyWorld(drawn.seed, drawn.breakage)
      let stored: SearchState = startSearch(setupOf(drawn))
      driveSearch(setupOf(drawn), world, (results) => {
        for (const result of results) {
          stored = applyResult(JSON.parse(JSON.stringify(stored)), result)
        }
        return results
      })
      expect(canonicalJson(stored)).toBe(canonicalJson(drive(drawn).state))
    }),
    { numRuns: 40 },
  )
})

test('a best candidate beats the baseline, is scored on every task and passes the critical ones', () => {
  let found = 0
  fc.assert(
    fc.property(cases, (drawn) => {
      const { state } = drive(drawn)
      const action = nextAction(state)
      if (action.type !== 'stop') throw new Error('the search goes on')
      if (action.best === null) return
      found += 1
      const { fixTaskIds, holdoutTaskIds, criticalTaskIds, baseline } = state.setup
      const scores = state.scores[action.best] ?? {}
      expect(Object.keys(scores).length).toBe(
        (fixTaskIds.length + holdoutTaskIds.length) * drawn.replicates,
      )
      expect(objectiveOf(state, action.best)).toBeGreaterThan(objectiveOf(state, baseline.digest))
      for (const taskId of criticalTaskIds) expect(scores[`${taskId}#0`]?.passed).toBe(true)
    }),
    { numRuns: 150, seed: 7 },
  )
  expect(found).toBeGreaterThan(10)
})
