import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalUpperTail } from '../../../../controller/regression-tester/normal-distribution.ts'
import { signTest } from '../../../../controller/regression-tester/statistics/binomial-tests.ts'
import {
  bernoulliCusum,
  normalCusum,
} from '../../../../controller/regression-tester/statistics/cusum.ts'
import {
  obrienFlemingSpending,
  pocockSpending,
  sequentialBoundaries,
} from '../../../../controller/regression-tester/statistics/group-sequential.ts'
import {
  benjaminiHochberg,
  bonferroni,
  holm,
} from '../../../../controller/regression-tester/statistics/multiplicity.ts'
import { pairedTTest } from '../../../../controller/regression-tester/statistics/paired-t-test.ts'
import { permutationTest } from '../../../../controller/regression-tester/statistics/permutation-test.ts'
import {
  type SprtModel,
  sprtStep,
  sprtVerdict,
} from '../../../../controller/regression-tester/statistics/sprt.ts'
import { exactCharacteristic } from '../../../../controller/regression-tester/statistics/sprt-exact.ts'
import {
  tangoInterval,
  tangoPValue,
} from '../../../../controller/regression-tester/statistics/tango-test.ts'
import { type Random, seededRandom } from '../../../../schemas/seeded-random.ts'

const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

describe('the permutation test', () => {
  test('on signs alone is the exact sign test', () => {
    for (const [wins, losses] of [
      [5, 0],
      [7, 2],
      [3, 3],
      [0, 4],
    ] as const) {
      const differences = [...Array(wins).fill(1), ...Array(losses).fill(-1), 0, 0, 0]
      const found = permutationTest(differences, seededRandom(1))
      expect(found).toEqual({ pValue: expect.closeTo(signTest(wins, losses), 12), exact: true })
    }
  })

  test('counts every assignment of signs, as by hand', () => {
    // Sums of ±1 ±2 ±4 that reach 1 + 2 − 4 = −1: seven of eight … −1, 1, 3, 5, 7 → five.
    expect(permutationTest([1, 2, -4], seededRandom(1)).pValue).toBe(5 / 8)
  })

  test('by samples agrees with the enumeration', () => {
    const random = seededRandom('differences')
    const differences = Array.from({ length: 20 }, () => normal(random) + 0.3)
    const exact = permutationTest(differences, random)
    const sampled = permutationTest([...differences, 1e-9], random)
    expect([exact.exact, sampled.exact]).toEqual([true, false])
    expect(Math.abs(exact.pValue - sampled.pValue)).toBeLessThan(0.012)
  })

  test('NaN is not a result', () => {
    expect(permutationTest([1, Number.NaN], seededRandom(1)).pValue).toBeNaN()
    expect(permutationTest([], seededRandom(1)).pValue).toBe(1)
  })
})

describe('the paired t-test', () => {
  test('proves nothing where nothing varies, of one pair, or of NaN', () => {
    for (const differences of [[], [0.1], [0, 0, 0], [Number.NaN, 1], [Infinity, 1]])
      expect(pairedTTest(differences, { margin: 0.05, alpha: 0.05 })).toBeNull()
  })

  test('errs at its level at the boundary', () => {
    const random = seededRandom('t-test')
    let passed = 0
    for (let run = 0; run < 10_000; run += 1) {
      const differences = Array.from({ length: 12 }, () => normal(random) * 0.3 - 0.05)
      if ((pairedTTest(differences, { margin: 0.05, alpha: 0.05 })?.pValue ?? 1) < 0.05) passed += 1
    }
    // 500 expected, standard error 22.
    expect(Math.abs(passed - 500)).toBeLessThan(88)
  })
})

describe("Tango's test", () => {
  test('the interval and the p-value say the same, and swapping the arms turns the interval', () => {
    fc.assert(
      fc.property(
        fc.nat(30),
        fc.nat(30),
        fc.nat(100),
        fc.double({ min: 0.01, max: 0.3, noNaN: true }),
        (lost, won, ties, margin) => {
          const n = lost + won + ties
          if (n === 0) return
          const [low, high] = tangoInterval({ lost, won, n }, 0.05)
          const turned = tangoInterval({ lost: won, won: lost, n }, 0.05)
          expect(turned[0]).toBeCloseTo(-high, 9)
          if (Math.abs(low + margin) > 1e-6)
            expect(tangoPValue({ lost, won, n }, margin) < 0.05).toBe(low > -margin)
        },
      ),
    )
  })
})

describe('adjusted p-values', () => {
  test('are never below the p-value, Holm never above Bonferroni, and the order of the list does not matter', () => {
    const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })
    fc.assert(
      fc.property(pValues, (values) => {
        for (const adjust of [holm, bonferroni, benjaminiHochberg]) {
          const adjusted = adjust(values)
          for (const [i, p] of values.entries()) {
            expect(adjusted[i]).toBeGreaterThanOrEqual(p)
            expect(adjusted[i]).toBeLessThanOrEqual(1)
          }
          expect(adjust(values.toReversed()).toReversed()).toEqual(adjusted)
        }
        for (const [i, p] of holm(values).entries())
          expect(p).toBeLessThanOrEqual(bonferroni(values)[i] ?? 0)
      }),
    )
  })
})

describe('sequential boundaries', () => {
  test.each([
    ['O’Brien–Fleming', obrienFlemingSpending, [0.2, 0.5, 0.55, 1]],
    ['Pocock', pocockSpending, [0.25, 0.5, 0.75, 1]],
  ] as const)(
    '%s: paths without a drift cross one of them with probability alpha',
    (_, spending, shares) => {
      const boundaries = sequentialBoundaries(shares, 0.05, spending)
      const random = seededRandom('boundaries')
      const runs = 20_000
      let crossed = 0
      for (let run = 0; run < runs; run += 1) {
        let [x, before] = [0, 0]
        const hit = shares.some((share, k) => {
          x += normal(random) * Math.sqrt(share - before)
          before = share
          return x / Math.sqrt(share) >= (boundaries[k] ?? Infinity)
        })
        if (hit) crossed += 1
      }
      // Standard error .0015.
      expect(Math.abs(crossed / runs - 0.05)).toBeLessThan(0.006)
    },
  )

  test('a single look is the fixed test', () => {
    const [z] = sequentialBoundaries([1], 0.05, obrienFlemingSpending)
    expect(normalUpperTail(z ?? 0)).toBeCloseTo(0.05, 12)
  })
})

describe("Wald's test", () => {
  test.each([
    [{ kind: 'bernoulli', p0: 0.1, p1: 0.3 }, 0.18],
    [{ kind: 'bernoulli', p0: 0.5, p1: 0.6 }, 0.5],
    [{ kind: 'normal', mean0: -0.05, mean1: 0, sd: 0.3 }, 0],
  ] as const)(
    '%j at %f behaves in simulation as its exact characteristic says',
    (model: SprtModel, truth) => {
      const errors = { alpha: 0.05, beta: 0.1 }
      const random = seededRandom('sprt')
      const runs = 4000
      const lengths: number[] = []
      let acceptedH0 = 0
      for (let run = 0; run < runs; run += 1) {
        let [ratio, n] = [0, 0]
        while (sprtVerdict(ratio, errors) === 'continue') {
          n += 1
          const x =
            model.kind === 'normal' ? truth + model.sd * normal(random) : Number(random() < truth)
          ratio += sprtStep(model, x)
        }
        if (sprtVerdict(ratio, errors) === 'accept-h0') acceptedH0 += 1
        lengths.push(n)
      }
      const exact = exactCharacteristic(model, errors, truth)
      const mean = lengths.reduce((sum, n) => sum + n, 0) / runs
      const spread = Math.sqrt(lengths.reduce((sum, n) => sum + (n - mean) ** 2, 0) / runs / runs)
      expect(Math.abs(mean - exact.meanN)).toBeLessThan(4 * spread)
      const error = Math.sqrt((exact.acceptH0 * (1 - exact.acceptH0)) / runs)
      expect(Math.abs(acceptedH0 / runs - exact.acceptH0)).toBeLessThan(4 * error + 1e-9)
    },
  )
})

describe('CUSUM', () => {
  test('of normal values runs as long as the tables say', () => {
    const random = seededRandom('cusum')
    const cusum = normalCusum(0.5)
    const lengths = Array.from({ length: 3000 }, () => {
      let state = cusum.initial
      let n = 0
      for (; state.level < 4; n += 1) state = cusum.add(state, normal(random) + 1)
      return n
    })
    // 8.38 for k = .5, h = 4, a shift of 1 (Siegmund; Hawkins & Olwell).
    expect(Math.abs(lengths.reduce((sum, n) => sum + n, 0) / 3000 - 8.38)).toBeLessThan(0.3)
  })

  test('of rates stays at 0 while all passes, and grows with failures', () => {
    const cusum = bernoulliCusum(0.85, 0.65)
    const passing = Array<number>(50).fill(1).reduce(cusum.add, cusum.initial)
    expect(cusum.result(passing)).toEqual({ level: 0, highest: 0 })
    const failing = Array<number>(3).fill(0).reduce(cusum.add, passing)
    expect(cusum.result(failing).level).toBeCloseTo(3 * Math.log(0.35 / 0.15), 10)
  })
})
