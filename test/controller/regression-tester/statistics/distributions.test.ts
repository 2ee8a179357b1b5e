import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  betaLowerTail,
  betaQuantile,
  logGamma,
} from '../../../../controller/regression-tester/statistics/beta-distribution.ts'
import {
  binomialLowerTail,
  binomialUpperTail,
  signTest,
} from '../../../../controller/regression-tester/statistics/binomial-tests.ts'
import {
  studentQuantile,
  studentUpperTail,
} from '../../../../controller/regression-tester/statistics/student-t.ts'

describe('ln Γ', () => {
  test('of whole numbers is that of factorials', () => {
    let factorial = 1
    for (let n = 1; n <= 20; n += 1) {
      expect(Math.abs(logGamma(n) - Math.log(factorial))).toBeLessThan(1e-12)
      factorial *= n
    }
  })

  test('of one half is ln √π, and NaN is not hidden', () => {
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 13)
    expect(logGamma(0)).toBeNaN()
    expect(logGamma(-1)).toBeNaN()
  })
})

const choose = (n: number, k: number): bigint =>
  k === 0 ? 1n : (choose(n - 1, k - 1) * BigInt(n)) / BigInt(k)

describe('the binomial', () => {
  test('tails of fair coins are sums of whole numbers', () => {
    for (const n of [1, 2, 7, 30, 64])
      for (let k = 0; k <= n; k += 1) {
        let ways = 0n
        for (let j = k; j <= n; j += 1) ways += choose(n, j)
        const exact = Number(ways) / 2 ** n
        expect(Math.abs(binomialUpperTail(k, n, 0.5) / exact - 1)).toBeLessThan(1e-11)
      }
  })

  test('both tails make one, and the sign test is one of them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.nat(400),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (n, k, p) => {
          const x = k % (n + 1)
          expect(binomialLowerTail(x, n, p) + binomialUpperTail(x + 1, n, p)).toBeCloseTo(1, 10)
        },
      ),
    )
    expect(signTest(5, 0)).toBeCloseTo(1 / 32, 14)
    expect(signTest(0, 0)).toBe(1)
  })
})

describe("Student's t", () => {
  test.each([
    [0.95, 19, 1.7291328115213678],
    [0.975, 1, 12.706204736174694],
    [0.975, 2, 4.302652729749464],
    [0.995, 10, 3.169272672616872],
    // Cornish and Fisher's expansion: z + (z³ + z)/4df.
    [0.95, 1e6, 1.6448536269514722 + (1.6448536269514722 ** 3 + 1.6448536269514722) / 4e6],
  ])('quantile %f with %f degrees of freedom', (p, df, t) => {
    expect(Math.abs(studentQuantile(p, df) / t - 1)).toBeLessThan(1e-10)
  })

  test('with one degree of freedom is Cauchy, with two has a closed form, far into the tail', () => {
    for (const t of [0, 0.1, 1, 5, 40, 1e4, 1e8]) {
      expect(studentUpperTail(t, 1)).toBeCloseTo(0.5 - Math.atan(t) / Math.PI, 12)
      const two = 1 / (Math.sqrt(2 + t * t) * (Math.sqrt(2 + t * t) + t))
      expect(Math.abs(studentUpperTail(t, 2) / two - 1)).toBeLessThan(1e-11)
    }
  })

  test('quantile and tail undo one another', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }),
        fc.double({ min: 0.5, max: 5000, noNaN: true }),
        (p, df) => {
          const back = 1 - studentUpperTail(studentQuantile(p, df), df)
          expect(Math.abs(back - p)).toBeLessThan(1e-10)
        },
      ),
    )
  })

  test('impossible questions are NaN', () => {
    expect(studentQuantile(1.5, 3)).toBeNaN()
    expect(studentQuantile(0.9, 0)).toBeNaN()
    expect(studentUpperTail(Number.NaN, 3)).toBeNaN()
    expect(betaLowerTail(2, 1, 1)).toBeNaN()
    expect(betaQuantile(0.5, -1, 1)).toBeNaN()
  })
})
