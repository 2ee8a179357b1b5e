import { type Command, Option } from 'commander'
import {
  TEST_METHOD_NAMES,
  type TestMethodName,
} from '../../../controller/regression-tester/methods/test-methods.ts'
import {
  type Comparison,
  compareRewards,
} from '../../../controller/regression-tester/rewards/compare-rewards.ts'
import { newCommand, share, wholeNumber } from '../cli.ts'
import { CommandStatus } from '../command-status.ts'
import { print } from '../output.ts'
import { readRewards } from '../read-rewards.ts'
import { oneLine } from '../text-table.ts'

interface Options {
  readonly margin: number
  readonly alpha: number
  readonly method: TestMethodName
  readonly seed: number
  readonly json?: true
}

const STATUS = { 'non-inferior': 0, inferior: 1, inconclusive: 2 } as const

export const compareCommand = (): Command =>
  newCommand(
    'compare',
    'Say whether a candidate is no worse than a baseline, from two tables of rewards, for anybody’s CI',
    [
      'neosigma compare baseline.json candidate.json',
      'neosigma compare baseline.json candidate.json --margin .1 --method e-process --json',
    ],
  )
    .argument('<baseline>', 'rewards of the baseline: {"tasks": [id, …], "rewards": [[run, …], …]}')
    .argument('<candidate>', 'rewards of the candidate, of the same tasks')
    .option('--margin <share>', 'the largest loss that counts as no loss', share(0.5), 0.05)
    .option('--alpha <share>', 'chance of a wrong claim, per claim', share(0.5), 0.05)
    .addOption(
      new Option('--method <name>', 'how it is tested; seed passes what it has no evidence against')
        .choices(TEST_METHOD_NAMES)
        .default('fixed'),
    )
    .option('--seed <n>', 'draws the order of the tasks for the sequential methods', wholeNumber, 1)
    .option('--json', 'one JSON object on standard output, nothing else')
    .addHelpText(
      'after',
      `
Tasks are matched by id and paired by the mean of their runs. What is missing on one side, or outside [0, 1], makes the
answer inconclusive: leaving tasks out is how a bad change looks good.

Verdicts: 0 non-inferior, 1 inferior, 2 inconclusive (do not ship).`,
    )
    .action(async (baseline: string, candidate: string, { json, ...options }: Options) => {
      const result = compareRewards(
        await readRewards(baseline),
        await readRewards(candidate),
        options,
      )
      await print(json ? `${JSON.stringify(result, null, 2)}\n` : describe(result))
      if (STATUS[result.verdict] !== 0) throw new CommandStatus(STATUS[result.verdict])
    })

const number = (value: number | null): string => (value === null ? '–' : value.toFixed(4))

const describe = (result: Comparison): string =>
  [
    `${result.verdict}  (${result.method}, margin ${result.margin}, alpha ${result.alpha})`,
    `  tasks compared             ${result.n}`,
    `  candidate − baseline       ${number(result.effect)}  [${result.interval.map(number).join(', ')}]`,
    `  minimal detectable effect  ${number(result.minimalDetectableEffect)}`,
    ...(result.nNeeded === null ? [] : [`  tasks needed               ${result.nNeeded}`]),
    ...result.reasons.map((reason) => `  · ${oneLine(reason)}`),
    '',
  ].join('\n')
