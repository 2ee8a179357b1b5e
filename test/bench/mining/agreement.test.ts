import { describe, expect, test } from 'vitest'
import { adjustedRandIndex } from '../../support/compare-labels.ts'
import { majority, normalisedMutualInformation, purity } from './agreement.ts'

/** Three items in one cluster, three in the other; one of each category is in the wrong one. */
const CLUSTERS = [0, 0, 0, 1, 1, 1]
const CATEGORIES = ['x', 'x', 'y', 'y', 'y', 'x']
const CATEGORY_NUMBERS = [0, 0, 1, 1, 1, 0]

describe('agreement of clusters with categories', () => {
  test('is 1 for the same partition under other names', () => {
    const names = ['b', 'b', 'a', 'c']
    const numbers = [7, 7, 3, 5]
    expect(normalisedMutualInformation(numbers, names)).toBeCloseTo(1, 12)
    expect(adjustedRandIndex(numbers, [1, 1, 0, 2])).toBe(1)
    expect(purity(numbers, names)).toBe(1)
  })

  test('has the values worked out by hand where two of six items are misplaced', () => {
    // Pairs: together in both 2, in each 6 of 15, by chance 36/15: (2 − 2.4) / (6 − 2.4).
    expect(adjustedRandIndex(CLUSTERS, CATEGORY_NUMBERS)).toBeCloseTo(-1 / 9, 12)
    // Σ p log(p / (½ · ½)) with p = 1/3, 1/6, 1/6, 1/3, over the entropy log 2.
    const information = (2 / 3) * Math.log(4 / 3) + (1 / 3) * Math.log(2 / 3)
    expect(normalisedMutualInformation(CLUSTERS, CATEGORIES)).toBeCloseTo(
      information / Math.log(2),
      12,
    )
    expect(purity(CLUSTERS, CATEGORIES)).toBeCloseTo(4 / 6, 12)
  })

  test('tells nothing where everything is in one cluster', () => {
    const one = CLUSTERS.map(() => 0)
    expect(adjustedRandIndex(one, CATEGORY_NUMBERS)).toBe(0)
    expect(normalisedMutualInformation(one, CATEGORIES)).toBe(0)
    expect(purity(one, CATEGORIES)).toBe(0.5)
  })

  test('calls single items pure, which is why purity needs a baseline', () => {
    const singles = CLUSTERS.map((_, place) => place)
    expect(purity(singles, CATEGORIES)).toBe(1)
    expect(adjustedRandIndex(singles, CATEGORY_NUMBERS)).toBe(0)
    // log 2 over the mean of log 6 and log 2.
    expect(normalisedMutualInformation(singles, CATEGORIES)).toBeCloseTo(
      Math.log(2) / ((Math.log(6) + Math.log(2)) / 2),
      12,
    )
  })

  test('takes the most frequent label as the baseline, of equal ones the first by name', () => {
    expect(majority(['b', 'a', 'b', 'c'])).toEqual({ label: 'b', count: 2 })
    expect(majority(CATEGORIES)).toEqual({ label: 'x', count: 3 })
    expect(majority([])).toBeNull()
  })
})
