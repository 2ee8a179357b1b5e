import { describe, expect, test } from 'vitest'
import { unseenKinds } from '../../../consumers/priority/failure-kinds.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'

describe('what has not been seen', () => {
  test.each([
    [{ failures: 0, kinds: 0, once: 0, twice: 0 }, 1, 0],
    [{ failures: 100, kinds: 4, once: 0, twice: 1 }, 0, 0],
    [{ failures: 20, kinds: 12, once: 8, twice: 2 }, 0.4, 28 / 3],
  ])('%j', (counts, probability, kinds) => {
    const unseen = unseenKinds({ counts: [], ...counts })
    expect(unseen.probability).toBe(probability)
    expect(unseen.kinds).toBeCloseTo(kinds, 12)
    expect(unseen.low).toBeLessThanOrEqual(probability)
    expect(unseen.high).toBeGreaterThanOrEqual(probability)
  })

  test('is covered by its interval about as often as it says', () => {
    const random = seededRandom(7)
    const weights = Array.from({ length: 400 }, (_, kind) => 1 / (kind + 1))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const draw = (): number => {
      let left = random() * total
      return weights.findIndex((weight) => {
        left -= weight
        return left < 0
      })
    }
    let covered = 0
    const rounds = 400
    for (let round = 0; round < rounds; round++) {
      const counts = new Map<number, number>()
      for (let n = 0; n < 300; n++) {
        const kind = draw()
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
      }
      const of = (count: number): number =>
        [...counts.values()].filter((value) => value === count).length
      const truth = weights.reduce(
        (sum, weight, kind) => sum + (counts.has(kind) ? 0 : weight / total),
        0,
      )
      const unseen = unseenKinds({
        counts: [],
        failures: 300,
        kinds: counts.size,
        once: of(1),
        twice: of(2),
      })
      covered += Number(unseen.low <= truth && truth <= unseen.high)
    }
    // 95 % less three standard errors of 400 rounds.
    expect(covered / rounds).toBeGreaterThan(0.95 - 3 * Math.sqrt((0.95 * 0.05) / rounds))
  })
})
