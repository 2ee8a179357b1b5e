import { expect, test } from 'vitest'
import {
  bettingEProcess,
  confidenceSequence,
} from '../../../controller/regression-tester/betting-e-process.ts'
import { type Random, seededRandom } from '../../../schemas/seeded-random.ts'

const reference = [
  0, 0, 0.1, 0, -0.1, 0, 0, 0.2, 0, 0, -0.3, 0, 0, 0.1, 0, 0, 0, 0.1, 0, -0.1, 0, 0, 0.1, 0.1, 0, 0,
  -0.1, 0, 0, 0,
]

const logEOf = (nullMean: number, differences: readonly number[]): number => {
  const bets = bettingEProcess(nullMean)
  return bets.result(differences.reduce(bets.add, bets.initial)).logE
}

test.each([
  [10, 0.05, 0.302525, -0.258222],
  [20, 0.05, 0.428857, -0.362348],
  [30, 0.05, 0.739598, -0.536594],
  [10, 0.1, 0.573508, -0.402816],
  [30, 0.1, 1.741927, -0.858188],
])(
  'after %i differences at margin %f both directions have the reference values',
  (n, margin, harmless, harm) => {
    const seen = reference.slice(0, n)
    expect(logEOf(-margin, seen)).toBeCloseTo(harmless, 6)
    const turned = seen.map((difference) => -difference)
    expect(logEOf(margin, turned)).toBeCloseTo(harm, 6)
  },
)

test('the confidence sequence has the reference bounds', () => {
  expect(confidenceSequence(reference, 0.05)[0]).toBeCloseTo(-0.149635, 5)
  const long = [...reference, ...reference, ...reference, ...reference]
  expect(confidenceSequence(long, 0.05)[0]).toBeCloseTo(-0.039928, 5)
  expect(confidenceSequence([], 0.05)).toEqual([-1, 1])
})

test('a verdict that was reached stays reached', () => {
  const bets = bettingEProcess(-0.1)
  const won = Array<number>(40).fill(1).reduce(bets.add, bets.initial)
  const lost = Array<number>(40).fill(-1).reduce(bets.add, won)
  expect(bets.result(lost).highest).toBe(bets.result(won).highest)
  expect(bets.result(lost).logE).toBeLessThan(bets.result(won).logE)
})

const everDeclared = (random: Random, margin: number, discordance: number, n: number): boolean => {
  const bets = bettingEProcess(-margin)
  const loss = (discordance + margin) / 2
  const draw = (): number => {
    const u = random()
    if (u < loss) return -1
    return u < discordance ? 1 : 0
  }
  const state = Array.from({ length: n }, draw).reduce(bets.add, bets.initial)
  return bets.result(state).highest >= Math.log(20)
}

test.each([
  [0.05, 0.1, 400],
  [0.1, 0.4, 200],
])(
  'looked at all the time, at a true loss of exactly the margin %f, it errs no more often than alpha',
  (margin, discordance, n) => {
    const trials = 1000
    const random = seededRandom(`boundary/${margin}`)
    const errors = Array.from({ length: trials }, () =>
      everDeclared(random, margin, discordance, n),
    ).filter(Boolean).length
    expect(errors / trials).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / trials))
  },
)
