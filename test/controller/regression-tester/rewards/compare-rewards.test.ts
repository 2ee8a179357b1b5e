import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TEST_METHOD_NAMES } from '../../../../controller/regression-tester/methods/test-methods.ts'
import { compareRewards } from '../../../../controller/regression-tester/rewards/compare-rewards.ts'
import {
  parseRewardTable,
  type RewardTable,
} from '../../../../controller/regression-tester/rewards/reward-table.ts'
import { seededRandom } from '../../../../schemas/seeded-random.ts'

const OPTIONS = { margin: 0.05, alpha: 0.05, method: 'fixed', seed: 1 } as const

const table = (...rows: readonly (readonly (number | null)[])[]): RewardTable => ({
  tasks: rows.map((_, i) => `t${i}`),
  rewards: rows,
})

const same = (n: number, score: number): RewardTable =>
  table(...Array.from({ length: n }, () => [score]))

/** Pass rates of n tasks, one run each. */
const drawn = (n: number, rate: number, seed: string): RewardTable => {
  const random = seededRandom(seed)
  return table(...Array.from({ length: n }, () => [Number(random() < rate)]))
}

describe('two tables of rewards', () => {
  test('identical ones are no worse from the floor on, and prove nothing below it', () => {
    expect(compareRewards(same(59, 1), same(59, 1), OPTIONS).verdict).toBe('non-inferior')
    expect(compareRewards(same(58, 1), same(58, 1), OPTIONS)).toMatchObject({
      verdict: 'inconclusive',
      n: 58,
      nNeeded: 59,
      effect: 0,
    })
  })

  test('a collapse is inferior, and turned round a gain', () => {
    const [good, bad] = [same(60, 1), same(60, 0)]
    expect(compareRewards(good, bad, OPTIONS)).toMatchObject({ verdict: 'inferior', effect: -1 })
    expect(compareRewards(bad, good, OPTIONS)).toMatchObject({ verdict: 'non-inferior', effect: 1 })
  })

  test('tasks are matched by id, in whatever order', () => {
    const a = drawn(80, 0.5, 'a')
    const turned = { tasks: a.tasks.toReversed(), rewards: a.rewards.toReversed() }
    expect(compareRewards(a, turned, OPTIONS)).toMatchObject({ verdict: 'non-inferior', effect: 0 })
  })

  test.each([
    [
      'a task of the baseline alone',
      same(81, 1),
      same(80, 1),
      /1 tasks are in the baseline alone \(t80\)/,
    ],
    [
      'a task of the candidate alone',
      same(80, 1),
      same(81, 1),
      /1 tasks are in the candidate alone/,
    ],
    [
      'no task in common',
      same(80, 1),
      { tasks: ['x'], rewards: [[1]] },
      /no task has a score in both/,
    ],
    [
      'a run without a score',
      same(80, 1),
      table(...same(79, 1).rewards, [null, 1]),
      /candidate: 1 tasks have runs without a score/,
    ],
    [
      'a task without runs',
      table(...same(79, 1).rewards, []),
      same(80, 1),
      /baseline: 1 tasks have no runs/,
    ],
    [
      'a score above 1',
      same(80, 1),
      table(...same(79, 1).rewards, [1.5]),
      /scores outside \[0, 1\]/,
    ],
    [
      'a score that is no number',
      same(80, 1),
      table(...same(79, 1).rewards, [Number.NaN]),
      /scores outside \[0, 1\]/,
    ],
  ])('%s makes it inconclusive', (_, baseline, candidate, reason) => {
    const found = compareRewards(baseline, candidate, OPTIONS)
    expect(found.verdict).toBe('inconclusive')
    expect(found.reasons.join('\n')).toMatch(reason)
  })

  test('by every method the same tables give the same answer, with all its parts', () => {
    for (const method of TEST_METHOD_NAMES) {
      const [a, b] = [drawn(200, 0.7, 'one'), drawn(200, 0.7, 'two')]
      const found = compareRewards(a, b, { ...OPTIONS, margin: 0.1, method })
      expect(compareRewards(a, b, { ...OPTIONS, margin: 0.1, method })).toEqual(found)
      expect(found).toMatchObject({ method, margin: 0.1, alpha: 0.05 })
      expect(found.n).toBeGreaterThan(0)
      expect(found.n).toBeLessThanOrEqual(200)
      const [low, high] = found.interval
      expect(low).toBeLessThanOrEqual(found.effect ?? Number.NaN)
      expect(high).toBeGreaterThanOrEqual(found.effect ?? Number.NaN)
    }
  })

  test('turning the arms round turns a failure that is beyond doubt', () => {
    for (const method of ['fixed', 'group-sequential', 'e-process'] as const) {
      const [good, bad] = [drawn(400, 0.9, 'good'), drawn(400, 0.3, 'bad')]
      expect(compareRewards(good, bad, { ...OPTIONS, method }).verdict).toBe('inferior')
      expect(compareRewards(bad, good, { ...OPTIONS, method }).verdict).toBe('non-inferior')
    }
  })

  test('a verdict agrees with its interval', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 90 }), fc.nat(), fc.nat(), (n, x, y) => {
        const found = compareRewards(drawn(n, 0.6, `${x}`), drawn(n, 0.6, `${y}`), {
          ...OPTIONS,
          margin: 0.2,
        })
        const [low, high] = found.interval
        expect(found.verdict === 'non-inferior').toBe(low > -0.2)
        expect(found.verdict === 'inferior').toBe(high < -0.2)
      }),
      { numRuns: 40 },
    )
  })
})

describe('error rates at a true loss of exactly the margin', () => {
  // Every method is asked 400 times; a share of .05 + 3.5 standard errors is .088.
  test.each(['fixed', 'group-sequential', 'e-process'] as const)('%s', (method) => {
    let declared = 0
    for (let run = 0; run < 400; run += 1) {
      const random = seededRandom(`boundary ${method} ${run}`)
      const rows = Array.from({ length: 120 }, () => {
        const u = random()
        return u < 0.25 ? [1, 0] : u < 0.4 ? [0, 1] : [1, 1]
      })
      const arm = (side: 0 | 1): RewardTable => table(...rows.map((row) => [row[side] ?? 0]))
      if (
        compareRewards(arm(0), arm(1), { ...OPTIONS, margin: 0.1, method, seed: run }).verdict ===
        'non-inferior'
      )
        declared += 1
    }
    expect(declared / 400).toBeLessThan(0.088)
  })
})

describe('what is no table of rewards', () => {
  test.each([
    ['', 'it is not JSON'],
    ['[]', 'expected object'],
    ['{"tasks": ["a"]}', 'rewards'],
    ['{"tasks": [], "rewards": []}', 'tasks'],
    ['{"tasks": ["a"], "rewards": [[1], [0]]}', '1 tasks, but 2 rows'],
    ['{"tasks": ["a", "a"], "rewards": [[1], [0]]}', 'task a is there twice'],
    ['{"tasks": ["a"], "rewards": [["1"]]}', 'rewards.0.0'],
    ['{"tasks": [{}], "rewards": [[1]]}', 'tasks.0'],
  ])('%j is refused by name', (text, problem) => {
    expect(() => parseRewardTable(text, 'file.json')).toThrow(problem)
    expect(() => parseRewardTable(text, 'file.json')).toThrow('file.json')
  })

  test('numbers and texts as ids are the same', () => {
    expect(parseRewardTable('{"tasks": [1, "b"], "rewards": [[1], [null]]}', 'f').tasks).toEqual([
      '1',
      'b',
    ])
  })
})
