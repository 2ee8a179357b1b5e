import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calibrated, IDENTITY, NODES } from '../../../consumers/signals/calibration.ts'
import {
  type Agreement,
  type AgreementCounts,
  addCell,
  cellOf,
  NO_AGREEMENTS,
  reliabilityOf,
} from '../../../consumers/signals/reliability.ts'
import { DETECTOR_PRIOR, priorOf } from '../../../consumers/signals/scorer-prior.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'

const PRIOR = priorOf('automated', true)

const countsOf = (agreements: readonly Agreement[]): AgreementCounts =>
  agreements.reduce((counts, one) => addCell(counts, cellOf(one)), NO_AGREEMENTS)
const measure = (agreements: readonly Agreement[], prior = PRIOR) =>
  reliabilityOf(countsOf(agreements), prior)

const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item)
const anyAgreement = fc.record({
  value: fc.double({ min: 0, max: 1, noNaN: true }),
  failed: fc.boolean(),
})
const anyAgreements = fc.array(anyAgreement, { maxLength: 80 })

describe('the weight of a scorer', () => {
  test('is that of the prior before anything is measured', () => {
    expect(reliabilityOf(NO_AGREEMENTS, PRIOR)).toMatchObject({
      failedRuns: 0,
      truePositive: { measured: null, low: 0, high: 1, shrunk: 0.8 },
      informedness: { measured: null, low: -1, high: 1 },
      weight: 0.6,
    })
    expect(reliabilityOf(NO_AGREEMENTS, DETECTOR_PRIOR).weight).toBeCloseTo(0.25 / 0.35, 3)
    expect(reliabilityOf(NO_AGREEMENTS, priorOf('implicit', true)).weight).toBe(0.4)
    expect(reliabilityOf(NO_AGREEMENTS, priorOf('automated', false)).weight).toBe(0.4)
  })

  test('nears its informedness as labels come, from wherever it began', () => {
    const right = times(400, { value: 0.1, failed: true })
    const alarms = times(100, { value: 0.1, failed: false })
    const cleared = times(300, { value: 0.9, failed: false })
    const { informedness, weight } = measure([...right, ...alarms, ...cleared])
    expect(informedness.measured).toBeCloseTo(0.75, 12)
    expect(weight).toBeCloseTo(0.75, 1)
    expect(weight).toBeGreaterThan(0.7)
  })

  test('is shrunk to the prior while labels are few: one wrong verdict silences nobody', () => {
    expect(measure([{ value: 1, failed: true }]).weight).toBeGreaterThan(0.5)
  })

  test('of one who is no better than guessing, or says the opposite, is nothing', () => {
    const opposite = [
      ...times(200, { value: 1, failed: true }),
      ...times(200, { value: 0, failed: false }),
    ]
    expect(measure(opposite)).toMatchObject({ weight: 0, informedness: { measured: -1 } })
  })

  test('of a detector that is rare and right is large, though it misses most failures', () => {
    const rare = [
      ...times(90, { value: 1, failed: true }),
      ...times(10, { value: 0, failed: true }),
      ...times(299, { value: 1, failed: false }),
      { value: 0, failed: false },
    ]
    expect(measure(rare, DETECTOR_PRIOR).weight).toBeGreaterThan(0.75)
    expect(measure(rare).informedness.measured).toBeLessThan(0.1)
  })

  test('and all else that is measured depend on the labels alone, not on their order, and can be added up in parts', () => {
    fc.assert(
      fc.property(anyAgreements, anyAgreements, (some, others) => {
        const all = measure([...some, ...others])
        expect(measure([...others, ...some].toReversed())).toEqual(all)
        const parts = others.reduce((counts, one) => addCell(counts, cellOf(one)), countsOf(some))
        expect(reliabilityOf(parts, PRIOR)).toEqual(all)
        const undone = others.reduce(
          (counts, one) => addCell(counts, cellOf(one), -1),
          countsOf([...some, ...others]),
        )
        expect(undone).toEqual(countsOf(some))
        expect(all.weight).toBeGreaterThanOrEqual(0)
        expect(all.weight).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('takes as much memory for a million labels as for one', () => {
    const one = addCell(NO_AGREEMENTS, cellOf({ value: 0.3, failed: true }))
    const million = addCell(one, cellOf({ value: 0.7, failed: false }), 1_000_000)
    expect(JSON.stringify(million).length - JSON.stringify(one).length).toBeLessThan(20)
    expect(million.passed).toHaveLength(NODES)
  })
})

describe('the intervals', () => {
  test.each([
    [0.8, 0.9, 40, 60],
    [0.6, 0.7, 25, 25],
    [0.95, 0.85, 100, 30],
  ])(
    'of a scorer with rates %d and %d hold the truth about as often as they say',
    (truePositive, trueNegative, failedRuns, passedRuns) => {
      const random = seededRandom(42)
      const hits = (n: number, rate: number): number =>
        times(n, 0).reduce((sum) => sum + (random() < rate ? 1 : 0), 0)
      const held = { positive: 0, negative: 0, informedness: 0 }
      const simulations = 2000
      for (let run = 0; run < simulations; run++) {
        const caught = hits(failedRuns, truePositive)
        const cleared = hits(passedRuns, trueNegative)
        const counts = [
          { node: 0, saysFailed: true, failed: true, times: caught },
          { node: 20, saysFailed: false, failed: true, times: failedRuns - caught },
          { node: 20, saysFailed: false, failed: false, times: cleared },
          { node: 0, saysFailed: true, failed: false, times: passedRuns - cleared },
        ].reduce((sum, cell) => addCell(sum, cell, cell.times), NO_AGREEMENTS)
        const measured = reliabilityOf(counts, PRIOR)
        const holds = ({ low, high }: { low: number; high: number }, truth: number): number =>
          low <= truth && truth <= high ? 1 : 0
        held.positive += holds(measured.truePositive, truePositive)
        held.negative += holds(measured.trueNegative, trueNegative)
        held.informedness += holds(measured.informedness, truePositive + trueNegative - 1)
      }
      for (const count of Object.values(held)) {
        // At such n Wilson's coverage lies between 93 and 98 % (Brown, Cai, DasGupta 2001); three standard errors are 1½.
        expect(count / simulations, 'seed 42').toBeGreaterThan(0.915)
        expect(count / simulations, 'seed 42').toBeLessThan(0.995)
      }
    },
  )
})

describe('the calibration of a scorer', () => {
  test('is the identity for a new version, and while only one label is known', () => {
    expect(reliabilityOf(NO_AGREEMENTS, PRIOR).calibration).toBe(IDENTITY)
    expect(measure(times(500, { value: 0.9, failed: true })).calibration).toBe(IDENTITY)
    expect(calibrated(0.123456, IDENTITY)).toBe(0.123456)
  })

  test('finds out what the values of a scorer mean', () => {
    const random = seededRandom(7)
    // It says 0.5 to 1 whatever happens: good runs are those above 0.8.
    const agreements = times(4000, 0).map(() => {
      const value = 0.5 + random() / 2
      return { value, failed: random() < (value > 0.8 ? 0.1 : 0.9) }
    })
    const { calibration } = measure(agreements)
    expect(calibrated(0.7, calibration)).toBeLessThan(0.2)
    expect(calibrated(0.95, calibration)).toBeGreaterThan(0.8)
  })

  test('does not depend on how many of the labelled runs failed', () => {
    const scorer = (failures: number, successes: number) => [
      ...times(failures * 8, { value: 0.2, failed: true }),
      ...times(failures * 2, { value: 0.8, failed: true }),
      ...times(successes * 8, { value: 0.8, failed: false }),
      ...times(successes * 2, { value: 0.2, failed: false }),
    ]
    const even = measure(scorer(500, 500)).calibration
    const complaints = measure(scorer(900, 100)).calibration
    for (const value of [0.2, 0.8])
      expect(calibrated(value, complaints)).toBeCloseTo(calibrated(value, even), 1)
  })

  test('never falls, stays in [0, 1], and is no different for a value between two nodes', () => {
    const anyValue = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(anyAgreements, fc.array(anyValue), (agreements, values) => {
        const { calibration } = measure(agreements)
        const mapped = values.toSorted((a, b) => a - b).map((one) => calibrated(one, calibration))
        expect(mapped).toEqual(mapped.toSorted((a, b) => a - b))
        for (const one of mapped) expect(one >= 0 && one <= 1).toBe(true)
      }),
    )
  })
})
