import { type Random, seededRandom } from '../../../schemas/seeded-random.ts'
import { shuffled } from '../../prompt-optimizer/shuffled.ts'
import { meanPValue } from '../bounded-mean.ts'
import { seedTest } from '../seed-test.ts'
import { meanOf } from '../statistics/moments.ts'
import { clopperPearsonInterval } from '../statistics/proportion-intervals.ts'

export const SCENARIOS = ['identical', 'atMargin', 'drop10', 'drop20', 'gain10'] as const
export type Scenario = (typeof SCENARIOS)[number]

export interface CalibrationPlan {
  readonly campaigns: number
  readonly cyclesPerCampaign: number
  /** Tasks of a cycle's test, drawn with replacement from those recorded. */
  readonly tasks: number
  /** Runs of each task in each arm. */
  readonly replicates: number
  readonly margin: number
  readonly alpha: number
  readonly seed: number
}

export interface Rate {
  readonly rate: number
  /** Exact, at 95 %. */
  readonly interval: readonly [number, number]
  /** What the rate must not pass; null where nothing is promised. */
  readonly nominal: number | null
}

export interface ScenarioRates {
  /** Share of cycles that shipped. */
  readonly perCycle: Rate
  /** Share of campaigns that shipped at least once. */
  readonly perCampaign: Rate
}

export interface Calibration {
  readonly campaigns: number
  readonly cyclesPerCampaign: number
  readonly shipRule: Readonly<Record<Scenario, ScenarioRates>>
  readonly seedTest: Readonly<Record<Scenario, ScenarioRates>>
}

const SUPPORT = { low: -1, high: 1 }
/** Share of the tasks that stands for the target's cluster. */
const TARGET_SHARE = 1 / 3

/**
 * How often the whole ship rule ships what it should not, and what it should, on recorded rewards of real runs. Both arms of a
 * cycle draw tasks and their runs from the record; a planted drop turns passes into failures at random, so that the true mean
 * falls by exactly so much, a gain the reverse. The rule is that of the gate: superior on a seeded third of the tasks,
 * non-inferior on the rest, no net loss. The first draft's test runs on the same draws.
 */
export const calibrateRewards = (
  rewards: readonly (readonly number[])[],
  plan: CalibrationPlan,
): Calibration => {
  const outcomes = SCENARIOS.map((scenario) => calibrateScenario(rewards, scenario, plan))
  return calibrationOf(outcomes, plan)
}

/** The table of all scenarios, from what each came to, in the order of `SCENARIOS`. */
export const calibrationOf = (
  outcomes: readonly Outcomes[],
  plan: CalibrationPlan,
): Calibration => {
  const of = (rule: keyof Outcomes) =>
    Object.fromEntries(SCENARIOS.map((scenario, i) => [scenario, outcomes[i]?.[rule]])) as Readonly<
      Record<Scenario, ScenarioRates>
    >
  return {
    campaigns: plan.campaigns,
    cyclesPerCampaign: plan.cyclesPerCampaign,
    shipRule: of('shipRule'),
    seedTest: of('seedTest'),
  }
}

export interface Outcomes {
  readonly shipRule: ScenarioRates
  readonly seedTest: ScenarioRates
}

/** One scenario of `calibrateRewards`; scenarios have random numbers of their own. */
export const calibrateScenario = (
  rewards: readonly (readonly number[])[],
  scenario: Scenario,
  plan: CalibrationPlan,
): Outcomes => {
  const random = seededRandom(`${plan.seed}/${scenario}`)
  const change = changeOf(rewards, scenario, plan.margin)
  const shipped = { shipRule: { cycles: 0, campaigns: 0 }, seedTest: { cycles: 0, campaigns: 0 } }
  for (let campaign = 0; campaign < plan.campaigns; campaign += 1) {
    const within = { shipRule: 0, seedTest: 0 }
    for (let cycle = 0; cycle < plan.cyclesPerCampaign; cycle += 1) {
      const arms = drawArms(rewards, change, plan, random)
      if (ships(arms, plan, random)) within.shipRule += 1
      if (seedTest(arms.baseline, arms.candidate, plan).passes) within.seedTest += 1
    }
    for (const rule of ['shipRule', 'seedTest'] as const) {
      shipped[rule].cycles += within[rule]
      if (within[rule] > 0) shipped[rule].campaigns += 1
    }
  }
  const ratesOf = (rule: 'shipRule' | 'seedTest'): ScenarioRates => {
    const cycles = plan.campaigns * plan.cyclesPerCampaign
    // A gain is to be found: nothing is promised of it. Over a campaign errors can only add up.
    const nominal = scenario === 'gain10' ? null : plan.alpha
    const overall = nominal === null ? null : Math.min(1, nominal * plan.cyclesPerCampaign)
    return {
      perCycle: { ...rateOf(shipped[rule].cycles, cycles), nominal },
      perCampaign: { ...rateOf(shipped[rule].campaigns, plan.campaigns), nominal: overall },
    }
  }
  return { shipRule: ratesOf('shipRule'), seedTest: ratesOf('seedTest') }
}

const rateOf = (events: number, trials: number) => ({
  rate: events / trials,
  interval: clopperPearsonInterval(events, trials, 0.05),
})

/** What happens to the candidate's reward. */
type Change = (reward: number, random: Random) => number

/**
 * A loss of the mean by `size` keeps each reward with probability 1 − size/mean and turns it into 0 otherwise; a gain turns what is
 * missing into 1. Where the record has no room for it, it is as large as it can be.
 */
const changeOf = (
  rewards: readonly (readonly number[])[],
  scenario: Scenario,
  margin: number,
): Change => {
  const mean = meanOf(rewards.map(meanOf))
  const size = { identical: 0, atMargin: margin, drop10: 0.1, drop20: 0.2, gain10: -0.1 }[scenario]
  if (size === 0) return (reward) => reward
  if (size > 0) {
    const lost = Math.min(1, size / mean)
    return (reward, random) => (random() < lost ? 0 : reward)
  }
  const won = Math.min(1, -size / (1 - mean))
  return (reward, random) => (random() < won ? 1 : reward)
}

interface Arms {
  readonly baseline: readonly number[]
  readonly candidate: readonly number[]
}

const drawArms = (
  rewards: readonly (readonly number[])[],
  change: Change,
  { tasks, replicates }: CalibrationPlan,
  random: Random,
): Arms => {
  const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const drawn = Array.from({ length: tasks }, () => one(rewards))
  const means = (changed: Change): readonly number[] =>
    drawn.map((runs) => {
      let sum = 0
      for (let run = 0; run < replicates; run += 1) sum += changed(one(runs), random)
      return sum / replicates
    })
  return { baseline: means((reward) => reward), candidate: means(change) }
}

const ships = ({ baseline, candidate }: Arms, plan: CalibrationPlan, random: Random): boolean => {
  const differences = shuffled(
    baseline.map((before, i) => (candidate[i] ?? 0) - before),
    random,
  )
  if (meanOf(differences) < 0) return false
  const targets = Math.ceil(differences.length * TARGET_SHARE)
  return (
    meanPValue(differences.slice(0, targets), SUPPORT, 0) < plan.alpha &&
    meanPValue(differences.slice(targets), SUPPORT, -plan.margin) < plan.alpha
  )
}
