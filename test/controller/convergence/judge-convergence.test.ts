import { expect, test } from 'vitest'
import {
  type CycleValue,
  judgeConvergence,
} from '../../../controller/convergence/judge-convergence.ts'

const gold = { value: 0.6, interval: [0.55, 0.65] as const }
const policy = { patience: 3, leastGainPerCost: 0.0001, totalMargin: 0.05 }

const cycle = (value: number, overrides: Partial<CycleValue> = {}): CycleValue => ({
  cycleId: `c-${value}`,
  value,
  interval: [value - 0.02, value + 0.02],
  cost: 400,
  released: true,
  ...overrides,
})

test('gains that pay are gone on with', () => {
  const found = judgeConvergence(gold, [cycle(0.65), cycle(0.7), cycle(0.78)], policy)
  expect(found).toMatchObject({ verdict: 'improving', cycles: 3 })
  expect(found.gains.map((gain) => gain.toFixed(2))).toEqual(['0.05', '0.05', '0.08'])
  expect(found.gainPerCost).toBeCloseTo(0.18 / 1200, 10)
  expect(found.drift).toBeCloseTo(0.18, 10)
})

test('cycles that cost more than they can have brought pause the loop, with the figures', () => {
  const cycles = [0.7, 0.75, 0.76, 0.765, 0.765, 0.765].map((value) => cycle(value))
  const found = judgeConvergence(gold, cycles, policy)
  expect(found.verdict).toBe('pause')
  expect(found.reasons[0]).toContain('cost 1200')
})

test('nothing released for long is convergence, and too few cycles say nothing', () => {
  const idle = [0.7, 0.7, 0.7].map((value) => cycle(value, { released: false }))
  expect(judgeConvergence(gold, idle, policy).verdict).toBe('converged')
  expect(judgeConvergence(gold, idle.slice(1), policy).verdict).toBe('improving')
  expect(judgeConvergence(gold, [], policy)).toMatchObject({
    verdict: 'improving',
    drift: 0,
    gainPerCost: null,
  })
})

test('a fall below the gold baseline that the total margin cannot exclude goes before everything else', () => {
  const found = judgeConvergence(gold, [cycle(0.58, { interval: [0.54, 0.62] })], policy)
  expect(found).toMatchObject({ verdict: 'below-baseline' })
  expect(found.reasons[0]).toContain('only a person')
})
