import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isotonicRegression } from '../../../consumers/signals/isotonic-regression.ts'

const points = fc.array(
  fc.record({
    value: fc.double({ min: -10, max: 10, noNaN: true }),
    weight: fc.integer({ min: 1, max: 9 }),
  }),
  { minLength: 1, maxLength: 30 },
)
const regress = (given: readonly { value: number; weight: number }[]): readonly number[] =>
  isotonicRegression(
    given.map(({ value }) => value),
    given.map(({ weight }) => weight),
  )

/** The closed form: the greatest lower mean, max over a ≤ i of min over b ≥ i of the mean of a … b. */
const byClosedForm = (given: readonly { value: number; weight: number }[]): readonly number[] => {
  const mean = (from: number, to: number): number => {
    const part = given.slice(from, to + 1)
    const weight = part.reduce((sum, one) => sum + one.weight, 0)
    return part.reduce((sum, one) => sum + one.value * one.weight, 0) / weight
  }
  return given.map((_, place) =>
    Math.max(
      ...given
        .slice(0, place + 1)
        .map((_a, from) => Math.min(...given.slice(place).map((_b, to) => mean(from, place + to)))),
    ),
  )
}

describe('isotonic regression', () => {
  test('gives the published examples', () => {
    expect(isotonicRegression([1, 3, 2], [1, 1, 1])).toEqual([1, 2.5, 2.5])
    // scikit-learn's isotonic_regression([5, 3, 1, 2, 8, 10, 7, 9, 6, 4]).
    expect(isotonicRegression([5, 3, 1, 2, 8, 10, 7, 9, 6, 4], Array(10).fill(1))).toEqual([
      2.75,
      2.75,
      2.75,
      2.75,
      ...Array(6).fill(44 / 6),
    ])
  })

  test('equals the closed form, and never falls', () => {
    fc.assert(
      fc.property(points, (given) => {
        const fitted = regress(given)
        for (const [place, expected] of byClosedForm(given).entries())
          expect(fitted[place]).toBeCloseTo(expected, 8)
        expect(fitted).toEqual(fitted.toSorted((a, b) => a - b))
      }),
    )
  })

  test('keeps the weighted mean, and leaves what is in order alone', () => {
    fc.assert(
      fc.property(points, (given) => {
        const total = (values: readonly number[]): number =>
          values.reduce((sum, value, place) => sum + value * (given[place]?.weight ?? 0), 0)
        expect(total(regress(given))).toBeCloseTo(total(given.map(({ value }) => value)), 6)
        const sorted = given.toSorted((a, b) => a.value - b.value)
        for (const [place, one] of regress(sorted).entries())
          expect(one).toBeCloseTo(sorted[place]?.value ?? Number.NaN, 9)
      }),
    )
  })
})
