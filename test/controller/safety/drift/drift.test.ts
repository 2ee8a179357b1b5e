import { describe, expect, test } from 'vitest'
import { type DriftSlice, judgeDrift } from '../../../../controller/safety/drift/judge-drift.ts'
import { populationStability } from '../../../../controller/safety/drift/population-stability.ts'
import { energyTest, mmdTest } from '../../../../controller/safety/drift/two-sample-tests.ts'
import { type Random, seededRandom } from '../../../../schemas/seeded-random.ts'

const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

const cloud = (random: Random, n: number, shift = 0, scale = 1): number[][] =>
  Array.from({ length: n }, () => [shift + scale * normal(random), scale * normal(random)])

describe('the population stability index', () => {
  test('is 0 for equal shares, whatever their number, and the sum by hand otherwise', () => {
    expect(
      populationStability(
        new Map([
          ['a', 1],
          ['b', 1],
        ]),
        new Map([
          ['a', 50],
          ['b', 50],
        ]),
      ),
    ).toBe(0)
    const found = populationStability(
      new Map([
        ['a', 8],
        ['b', 2],
      ]),
      new Map([
        ['a', 5],
        ['b', 5],
      ]),
    )
    expect(found).toBeCloseTo(-0.3 * Math.log(0.5 / 0.8) + 0.3 * Math.log(0.5 / 0.2), 12)
  })

  test('stays finite for values that one side never saw', () => {
    expect(populationStability(new Map([['a', 1]]), new Map([['b', 1]]))).toBeGreaterThan(10)
    expect(populationStability(new Map(), new Map([['b', 1]]))).toBe(0)
  })
})

describe.each([
  ['energy distance', energyTest],
  ['MMD', mmdTest],
] as const)('the %s', (_, testOf) => {
  test('is found as often as its level says where nothing changed', () => {
    let alarms = 0
    for (let run = 0; run < 300; run += 1) {
      const random = seededRandom(`same ${run}`)
      if (testOf(cloud(random, 15), cloud(random, 15), 39, random).pValue <= 0.05) alarms += 1
    }
    // 15 expected, standard error 3.8.
    expect(alarms).toBeLessThan(29)
    expect(alarms).toBeGreaterThan(2)
  })

  test('sees a shift and a change of spread', () => {
    const random = seededRandom('moved')
    expect(testOf(cloud(random, 40), cloud(random, 40, 1.5), 199, random).pValue).toBe(1 / 200)
    expect(testOf(cloud(random, 60), cloud(random, 60, 0, 4), 199, random).pValue).toBeLessThan(
      0.02,
    )
  })

  test('says nothing of an empty side, and nothing of equal points', () => {
    const random = seededRandom('empty')
    expect(testOf([], cloud(random, 5), 39, random).pValue).toBe(1)
    expect(testOf([[1], [1]], [[1], [1]], 39, random).pValue).toBe(1)
  })
})

test('the energy distance of single points is by hand', () => {
  // 2·3 − 0 − 0.
  expect(energyTest([[0]], [[3]], 1, seededRandom(1)).statistic).toBe(6)
})

describe('the judgement', () => {
  const slice = (name: string, side: DriftSlice['side'], shift: number): DriftSlice => {
    const random = seededRandom(`${name} ${side}`)
    return { name, side, reference: cloud(random, 40), present: cloud(random, 40, shift) }
  }

  test('names the side and the slice that changed', () => {
    const report = judgeDrift(
      [slice('refund', 'inputs', 0), slice('refund', 'outputs', 2), slice('booking', 'inputs', 0)],
      { alpha: 0.05, seed: 1 },
    )
    expect(report.stale).toBe(true)
    expect(report.slices.map(({ drifted }) => drifted)).toEqual([false, true, false])
    expect(report.slices[1]).toMatchObject({ side: 'outputs', n: { reference: 40, present: 40 } })
  })

  test('over many slices one false alarm is as rare as alpha says', () => {
    let stale = 0
    for (let run = 0; run < 40; run += 1) {
      const slices = ['a', 'b', 'c'].map((name): DriftSlice => {
        const random = seededRandom(`${run} ${name}`)
        return { name, side: 'inputs', reference: cloud(random, 10), present: cloud(random, 10) }
      })
      if (judgeDrift(slices, { alpha: 0.05, seed: run }).stale) stale += 1
    }
    expect(stale).toBeLessThanOrEqual(6)
  })

  test('is the same for the same seed', () => {
    const slices = [slice('x', 'inputs', 0.5)]
    expect(judgeDrift(slices, { alpha: 0.05, seed: 3 })).toEqual(
      judgeDrift(slices, { alpha: 0.05, seed: 3 }),
    )
  })
})
