import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Detection, judgeRun } from '../../../consumers/signals/judge-run.ts'
import { type Judging, UNMEASURED } from '../../../consumers/signals/judging.ts'
import { metricTable } from '../../../consumers/signals/metric-table.ts'
import type { RawSignal } from '../../../consumers/signals/raw-signal.ts'
import {
  addCell,
  cellOf,
  NO_AGREEMENTS,
  reliabilityOf,
  scorerKey,
} from '../../../consumers/signals/reliability.ts'
import { priorOf } from '../../../consumers/signals/scorer-prior.ts'
import { SIGNAL_TYPES } from '../../../schemas/signal.ts'

const aSignal = (overrides: Partial<RawSignal> = {}): RawSignal => ({
  id: 'one',
  name: 'helpfulness',
  type: null,
  value: 1,
  label: null,
  explanation: null,
  source: 'judge',
  version: '1',
  spanId: null,
  userId: null,
  at: '2026-03-01 10:00:00.000',
  ...overrides,
})
const aDetection = (value: number | null, name = 'repeated_steps'): Detection => ({
  name,
  source: 'neosigma',
  version: '1',
  value,
  explanation: null,
})
const FACTS = { passThreshold: 0.5, rootFailed: false }
const judge = (
  signals: readonly RawSignal[],
  detections: readonly Detection[] = [],
  judging: Judging = UNMEASURED,
) => judgeRun(signals, detections, FACTS, judging)

/** A scorer that was measured on so many runs: always right, or always wrong. */
const measured = (version: string, isRight: boolean): Judging['reliability'] => {
  const labels = Array.from({ length: 400 }, (_, place) => place % 2 === 0)
  const counts = labels.reduce(
    (sum, failed) => addCell(sum, cellOf({ value: failed === isRight ? 0 : 1, failed })),
    NO_AGREEMENTS,
  )
  const scorer = { name: 'helpfulness', source: 'judge', version }
  return new Map([[scorerKey(scorer), reliabilityOf(counts, priorOf('automated', true))]])
}

describe('a run', () => {
  test('is decided by the scorers that were right before, more than by the others', () => {
    const signals = [aSignal({ value: 0 }), aSignal({ id: 'two', source: 'other', value: 1 })]
    expect(judge(signals).score).toBe(0.5)
    const judging = { ...UNMEASURED, reliability: measured('1', true) }
    const judged = judge(signals, [], judging)
    expect(judged.outcome).toBe('fail')
    expect(judged.scores.map(({ source, weight }) => [source, weight])).toEqual([
      ['judge', expect.closeTo(0.98, 1)],
      ['other', 0.6],
    ])
  })

  test('is not decided by a scorer that was always wrong, nor has a new version its past', () => {
    const judging = { ...UNMEASURED, reliability: measured('1', false) }
    expect(judge([aSignal({ value: 0 })], [], judging).scores[0]?.weight).toBeLessThan(0.01)
    expect(judge([aSignal({ value: 0, version: '2' })], [], judging).scores[0]?.weight).toBe(0.6)
  })

  test('lists what the scorer said beside what it was worth, where they differ', () => {
    const judging = { ...UNMEASURED, reliability: measured('1', false) }
    const [score] = judge([aSignal({ value: 0.4 })], [], judging).scores
    expect(score).toMatchObject({ given: 0.4, value: 0.5 })
    const [plain] = judge([aSignal({ value: 0.4 })]).scores
    expect(plain).not.toHaveProperty('given')
    const off = { ...judging, calibrate: false }
    expect(judge([aSignal({ value: 0.4 })], [], off).scores[0]?.value).toBe(0.4)
  })

  test('fails by what a detector found, and is vouched for by no detector', () => {
    expect(judge([], [aDetection(0)])).toMatchObject({ outcome: 'fail', score: 0 })
    const silent = judge([], [aDetection(null)])
    expect(silent.scores.map(({ name }) => name)).toEqual(['root_status'])
    expect(judge([aSignal({ value: 0.2 })], [aDetection(null)]).score).toBe(0.2)
  })

  test('is decided by people alone where they have spoken, whatever else was found', () => {
    const said = aSignal({ name: 'user_feedback', value: 1, userId: 'ada' })
    const judged = judge([said, aSignal({ value: 0 })], [aDetection(0)])
    expect(judged).toMatchObject({ score: 1, outcome: 'pass' })
    const weights = judged.scores.map(({ name, weight }) => [name, weight])
    expect(Object.fromEntries(weights)).toEqual({
      user_feedback: 1,
      helpfulness: 0,
      repeated_steps: 0,
    })
  })

  test('between contradictory people is their mean, each user one voice', () => {
    const down = (id: string, source: string) =>
      aSignal({ id, source, name: 'thumbs', value: -1, userId: 'flood' })
    const many = Array.from({ length: 50 }, (_, place) => down(`d${place}`, `app ${place}`))
    const up = ['ada', 'eve'].map((userId) =>
      aSignal({ id: userId, name: 'thumbs', value: 1, userId }),
    )
    const judged = judge([...many, ...up])
    expect(judged.score).toBeCloseTo(2 / 3, 9)
    const ofFlood = judged.scores.filter(({ source }) => source.startsWith('app'))
    expect(ofFlood.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9)
  })

  test('is not decided by a voice beyond its limit, and says so', () => {
    const said = aSignal({ name: 'thumbs', value: -1, userId: 'flood' })
    const judging = { ...UNMEASURED, overLimit: new Set(['one']) }
    const judged = judge([said], [], judging)
    expect(judged.outcome).toBe('pass')
    expect(judged.scores[0]).toMatchObject({ weight: 0, note: 'over-user-limit' })
    expect(judged.agreements).toEqual([])
  })

  test('notes what is out of range, not declared or not readable', () => {
    const noted = (overrides: Partial<RawSignal>) => judge([aSignal(overrides)]).scores[0]
    expect(noted({ name: 'stars', value: 80 })).toMatchObject({ value: null, note: 'out-of-range' })
    expect(noted({ name: 'zing', value: 0.5 })).toMatchObject({ value: 0.5, note: 'undeclared' })
    expect(noted({ name: 'zing', value: 7 })).toMatchObject({ value: null, note: 'out-of-range' })
    expect(noted({ value: null, label: 'meh' })).toMatchObject({ value: null, note: 'unreadable' })
    expect(noted({})).not.toHaveProperty('note')
  })

  test('reads a metric of the configuration by its range, direction and labels', () => {
    const metrics = metricTable({
      'Latency Rating': {
        type: 'implicit',
        range: [0, 10],
        direction: 'lower',
        thumbs: false,
        failingLabels: ['Way too slow'],
        passingLabels: [],
        weight: 1,
      },
    })
    const judging = { ...UNMEASURED, metrics }
    const scoreOf = (overrides: Partial<RawSignal>) =>
      judge([aSignal({ name: 'latency-rating', ...overrides })], [], judging).scores[0]
    expect(scoreOf({ value: 2 })).toMatchObject({ value: 0.8, type: 'implicit' })
    expect(scoreOf({ value: 2, label: 'way-too slow' })?.value).toBe(0)
  })
})

describe('agreements', () => {
  test('are told of every scorer and detector where people have labelled the run, else of none', () => {
    const auto = [
      aSignal({ value: 0.2, spanId: 'a' }),
      aSignal({ id: 'two', value: 0.4, spanId: 'b' }),
    ]
    expect(judge(auto, [aDetection(null)]).agreements).toEqual([])
    const labelled = judge(
      [...auto, aSignal({ name: 'tests_passed', value: 0 })],
      [aDetection(null), aDetection(0, 'empty_output')],
    )
    expect(labelled.agreements.map(({ name, value, failed }) => [name, value, failed])).toEqual([
      ['helpfulness', expect.closeTo(0.3, 12), true],
      ['repeated_steps', 1, true],
      ['empty_output', 0, true],
      ['root_status', 1, true],
    ])
  })

  test('of one who calls himself a detector are not those of the detector', () => {
    const impostor = aSignal({ name: 'repeated_steps', source: 'neosigma', value: 1 })
    const { agreements } = judge(
      [impostor, aSignal({ name: 'tests_passed', value: 0 })],
      [aDetection(0)],
    )
    const keys = agreements.filter(({ name }) => name === 'repeated_steps').map(scorerKey)
    expect(new Set(keys).size).toBe(2)
  })
})

describe('pooling', () => {
  const anySignal = fc
    .record({
      id: fc.string({ minLength: 1, maxLength: 3 }),
      name: fc.constantFrom('helpfulness', 'accepted', 'stars', 'zing', 'toxicity'),
      type: fc.constantFrom(null, ...SIGNAL_TYPES),
      value: fc.option(fc.double({ min: -1, max: 5, noNaN: true })),
      source: fc.constantFrom('a', 'b', 'c'),
      version: fc.constantFrom(null, '1'),
      userId: fc.constantFrom(null, 'ada', 'eve'),
      at: fc.constantFrom('1', '2'),
    })
    .map(aSignal)
  const anyDetection = fc
    .option(fc.double({ min: 0, max: 0.9, noNaN: true }))
    .map((value) => aDetection(value))
  const anyJudging = fc.record({
    metrics: fc.constant(UNMEASURED.metrics),
    reliability: fc.constantFrom(measured('1', true), measured('1', false), new Map()),
    calibrate: fc.boolean(),
    overLimit: fc.constantFrom(new Set<string>(), new Set(['a', 'b'])),
  })
  const runs = fc.tuple(fc.array(anySignal), fc.array(anyDetection, { maxLength: 1 }), anyJudging)

  test('does not depend on order or repetition, and judging again changes nothing', () => {
    fc.assert(
      fc.property(runs, ([signals, detections, judging]) => {
        const once = judge(signals, detections, judging)
        expect(judge([...signals, ...signals].toReversed(), detections, judging)).toEqual(once)
        expect(judge(signals, detections, judging)).toEqual(once)
      }),
    )
  })

  test('is the weighted mean of what is listed, in [0, 1]', () => {
    fc.assert(
      fc.property(runs, ([signals, detections, judging]) => {
        const { score, outcome, scores } = judge(signals, detections, judging)
        const weight = scores.reduce((sum, one) => sum + one.weight, 0)
        const total = scores.reduce((sum, one) => sum + one.weight * (one.value ?? 0), 0)
        expect(weight).toBeGreaterThan(0)
        expect(score).toBeCloseTo(total / weight, 9)
        expect(score >= 0 && score <= 1).toBe(true)
        expect(outcome).toBe(score < 0.5 ? 'fail' : 'pass')
      }),
    )
  })

  test('never falls when one judgement gets better', () => {
    const values = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    fc.assert(
      fc.property(runs, fc.constantFrom(...SIGNAL_TYPES), values, (run, type, [a, b]) => {
        const [signals, detections, judging] = run
        const others = signals.filter(({ name }) => name !== 'correctness')
        const at = (value: number) =>
          judge(
            [...others, aSignal({ id: 'moving', name: 'correctness', type, value })],
            detections,
            judging,
          ).score
        expect(at(Math.max(a, b))).toBeGreaterThanOrEqual(at(Math.min(a, b)) - 1e-12)
      }),
    )
  })

  test('gives the signals of one user on a run no more than one voice of each kind', () => {
    fc.assert(
      fc.property(runs, ([signals, , judging]) => {
        const personal = signals.map((one) => ({ ...one, type: 'explicit' as const, userId: 'u' }))
        const { scores } = judge(personal, [], judging)
        const sum = scores
          .filter(({ type }) => type === 'explicit')
          .reduce((total, { weight }) => total + weight, 0)
        expect(sum).toBeLessThanOrEqual(1 + 1e-9)
      }),
    )
  })
})
