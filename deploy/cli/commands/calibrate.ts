import type { Command } from 'commander'
import {
  type Calibration,
  type CalibrationPlan,
  calibrateScenario,
  calibrationOf,
  type Outcomes,
  type Rate,
  SCENARIOS,
  type ScenarioRates,
} from '../../../controller/regression-tester/rewards/calibrate-rewards.ts'
import type { RewardTable } from '../../../controller/regression-tester/rewards/reward-table.ts'
import {
  fewestTargetTasks,
  fewestTasks,
} from '../../../controller/regression-tester/sample-size.ts'
import { InvalidInputError } from '../../../schemas/errors.ts'
import { newCommand, positiveInteger, share, wholeNumber } from '../cli.ts'
import { print, tell } from '../output.ts'
import { openProgress } from '../progress.ts'
import { readRewards } from '../read-rewards.ts'

interface Options {
  readonly campaigns: number
  readonly cycles: number
  readonly tasks?: number
  readonly replicates: number
  readonly margin: number
  readonly alpha: number
  readonly seed: number
  readonly json?: true
}

export const calibrateCommand = (): Command =>
  newCommand(
    'calibrate',
    'Measure on recorded rewards how often the ship rule ships what it should not, and what it should',
    [
      'neosigma calibrate rewards.json',
      'neosigma calibrate rewards.json --tasks 200 --replicates 4 --json',
    ],
  )
    .argument('<rewards>', 'recorded rewards: {"tasks": [id, …], "rewards": [[run, …], …]}')
    .option('--campaigns <n>', 'campaigns to simulate, of each kind', positiveInteger, 100)
    .option('--cycles <n>', 'cycles of a campaign', positiveInteger, 100)
    .option('--tasks <n>', 'tasks of a test (default: as many as are recorded)', positiveInteger)
    .option('--replicates <n>', 'runs of each task in each arm', positiveInteger, 1)
    .option('--margin <share>', 'the largest loss that counts as no loss', share(0.5), 0.05)
    .option('--alpha <share>', 'chance of a wrong claim, per claim', share(0.5), 0.05)
    .option('--seed <n>', 'of the simulation', wholeNumber, 1)
    .option('--json', 'one JSON object on standard output, nothing else')
    .addHelpText(
      'after',
      `
Both arms draw their tasks and runs from the record; drops and gains are planted by turning rewards at random, so that the
true mean moves by exactly so much. Counted is the whole ship rule (superior on a third of the tasks, non-inferior on the
rest, no net loss), beside the first draft's single test.`,
    )
    .action(async (file: string, options: Options) => {
      const rewards = completeRows(await readRewards(file), file)
      const plan: CalibrationPlan = {
        campaigns: options.campaigns,
        cyclesPerCampaign: options.cycles,
        tasks: options.tasks ?? rewards.length,
        replicates: options.replicates,
        margin: options.margin,
        alpha: options.alpha,
        seed: options.seed,
      }
      const calibration = await simulate(rewards, plan)
      if (options.json) await print(`${JSON.stringify(calibration, null, 2)}\n`)
      else await print(describe(calibration, plan))
    })

const completeRows = ({ tasks, rewards }: RewardTable, file: string) => {
  const rows = rewards.map((runs) =>
    runs.filter((score) => score !== null && score >= 0 && score <= 1),
  )
  const bad = tasks.filter(
    (_, i) => rows[i]?.length !== rewards[i]?.length || rows[i]?.length === 0,
  )
  if (bad.length === 0) return rows as readonly (readonly number[])[]
  throw new InvalidInputError(
    'argument-invalid',
    `${file}: ${bad.length} tasks have no runs, or scores that are missing or outside [0, 1] (${bad.slice(0, 5).join(', ')}).`,
  )
}

/** Scenario by scenario, so that the progress shows between them. */
const simulate = async (
  rewards: readonly (readonly number[])[],
  plan: CalibrationPlan,
): Promise<Calibration> => {
  const progress = openProgress()
  const outcomes: Outcomes[] = []
  try {
    for (const scenario of SCENARIOS) {
      progress.update('Simulating campaigns', outcomes.length, SCENARIOS.length)
      await new Promise((resolve) => setImmediate(resolve))
      outcomes.push(calibrateScenario(rewards, scenario, plan))
    }
  } finally {
    progress.stop()
  }
  const guards = plan.tasks - Math.ceil(plan.tasks / 3)
  const floor = fewestTasks(plan.margin, plan.alpha)
  if (guards < floor || Math.ceil(plan.tasks / 3) < fewestTargetTasks(plan.alpha))
    tell(
      `With ${plan.tasks} tasks only what gains on all of them can ship: of ${guards} tasks beside the target that tie, no loss of ${plan.margin} can be excluded, ${floor} are needed. More tasks are simulated by --tasks.`,
    )
  return calibrationOf(outcomes, plan)
}

const describe = (calibration: Calibration, plan: CalibrationPlan): string =>
  [
    `${plan.campaigns} campaigns of ${plan.cyclesPerCampaign} cycles, ${plan.tasks} tasks × ${plan.replicates} runs, margin ${plan.margin}, alpha ${plan.alpha}. Shipped, in percent [95 % interval]:`,
    '',
    ...table('The ship rule', calibration.shipRule),
    ...table('The first draft’s test', calibration.seedTest),
  ].join('\n')

const table = (title: string, rates: Calibration['shipRule']): readonly string[] => [
  `${title.padEnd(24)}${'per cycle'.padEnd(22)}${'at most'.padEnd(9)}${'per campaign'.padEnd(22)}at most`,
  ...SCENARIOS.map((scenario) => row(scenario, rates[scenario])),
  '',
]

const row = (name: string, { perCycle, perCampaign }: ScenarioRates): string =>
  `  ${name.padEnd(22)}${rate(perCycle).padEnd(22)}${limit(perCycle).padEnd(9)}${rate(perCampaign).padEnd(22)}${limit(perCampaign)}`

const percent = (share: number): string => (100 * share).toFixed(1)
const rate = ({ rate: share, interval }: Rate): string =>
  `${percent(share)} [${interval.map(percent).join(', ')}]`
const limit = ({ nominal }: Rate): string => (nominal === null ? '–' : percent(nominal))
