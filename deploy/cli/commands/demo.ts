import { type Command, InvalidArgumentError } from 'commander'
import type { DemoOptions } from '../../demo/main.ts'
import { newCommand } from '../cli.ts'
import { CommandStatus } from '../command-status.ts'

interface DemoArguments {
  readonly seed: number
  readonly world?: string
  readonly json?: true
  readonly realModel?: true
  readonly local?: true
}

export const demoCommand = (): Command =>
  newCommand(
    'demo',
    'Show the whole loop on this machine with a sample agent and a simulated model',
    [
      'neosigma demo',
      'neosigma demo --seed 7 --json > demo.json',
      'neosigma demo --local',
      'OPENAI_API_KEY=… neosigma demo --real-model',
    ],
  )
    .option('--seed <n>', 'another course of events', seed, 1)
    .option('--world <file>', 'another world of the simulated model')
    .option('--json', 'one JSON document on standard output; progress goes to standard error')
    .option(
      '--real-model',
      'ask OPENAI_BASE_URL with OPENAI_API_KEY instead of the simulated model',
    )
    .option('--local', 'on Kafka and ClickHouse, started here, with a process for each role')
    .action(async ({ seed: number, world, json, realModel, local }: DemoArguments) => {
      const { start } = await import('../../demo/main.ts')
      const options: DemoOptions = {
        seed: number,
        world: world ?? null,
        json: json === true,
        realModel: realModel === true,
        local: local === true,
      }
      const status = await start(options)
      if (status !== 0) throw new CommandStatus(status)
    })

const seed = (text: string): number => {
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value
  throw new InvalidArgumentError('It must be a whole number, 0 or above.')
}
