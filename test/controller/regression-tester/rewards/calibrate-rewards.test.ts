import { describe, expect, test } from 'vitest'
import {
  calibrateRewards,
  SCENARIOS,
} from '../../../../controller/regression-tester/rewards/calibrate-rewards.ts'
import { seededRandom } from '../../../../schemas/seeded-random.ts'

const rewards = (tasks: number): readonly (readonly number[])[] => {
  const random = seededRandom('rewards')
  return Array.from({ length: tasks }, () => {
    const rate = random()
    return Array.from({ length: 4 }, () => Number(random() < rate))
  })
}

const plan = {
  campaigns: 15,
  cyclesPerCampaign: 20,
  tasks: 240,
  replicates: 4,
  margin: 0.05,
  alpha: 0.05,
  seed: 7,
}

describe('the calibration of the ship rule', () => {
  const calibration = calibrateRewards(rewards(60), plan)

  test('keeps its promise where nothing changed, and where it got worse', () => {
    for (const scenario of ['identical', 'atMargin', 'drop10', 'drop20'] as const) {
      const { perCycle, perCampaign } = calibration.shipRule[scenario]
      expect(perCycle.nominal).toBe(0.05)
      expect(perCycle.interval[0]).toBeLessThanOrEqual(0.05)
      expect(perCampaign.nominal).toBe(1)
      expect(perCampaign.rate).toBeGreaterThanOrEqual(perCycle.rate)
    }
    expect(calibration.shipRule.drop20.perCycle.rate).toBe(0)
  })

  test('ships most gains of ten points', () => {
    expect(calibration.shipRule.gain10.perCycle.rate).toBeGreaterThan(0.6)
    expect(calibration.shipRule.gain10.perCycle.nominal).toBeNull()
  })

  test('shows that the first draft ships ten points of loss', () => {
    expect(calibration.seedTest.drop10.perCycle.rate).toBeGreaterThan(0.4)
    expect(calibration.seedTest.identical.perCycle.rate).toBeGreaterThan(0.99)
  })

  test('is the same for the same seed, and another for another', () => {
    const small = { ...plan, campaigns: 3, cyclesPerCampaign: 3 }
    expect(calibrateRewards(rewards(30), small)).toEqual(calibrateRewards(rewards(30), small))
    expect(Object.keys(calibration.shipRule)).toEqual([...SCENARIOS])
    expect(calibration).toMatchObject({ campaigns: 15, cyclesPerCampaign: 20 })
  })
})
