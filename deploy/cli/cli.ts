import { Argument, Command, InvalidArgumentError } from 'commander'
import {
  type LoadedConfiguration,
  loadConfiguration,
} from '../../pipeline/service-runtime/load-config.ts'

/** Options of every command. */
export interface CommonOptions {
  /** Configuration file; default `neosigma.config.jsonc`. */
  readonly config?: string
}

export interface ListingOptions extends CommonOptions {
  readonly json?: true
  readonly limit?: number
}

export const load = ({ config }: CommonOptions): LoadedConfiguration =>
  loadConfiguration({ file: config })

/** A command with what all have; `examples` are shown by its help. */
export const newCommand = (
  name: string,
  description: string,
  examples: readonly string[],
): Command =>
  new Command(name)
    .description(description)
    .option('--config <file>', 'configuration file (default: neosigma.config.jsonc, if there)')
    .addHelpText('after', ['', 'Examples:', ...examples.map((text) => `  $ ${text}`)].join('\n'))

/** A command that lists: `--json` and `--limit` too. */
export const newListing = (
  name: string,
  description: string,
  examples: readonly string[],
): Command =>
  newCommand(name, description, examples)
    .option('--json', 'one JSON array on standard output, nothing else')
    .option('--limit <n>', 'at most so many rows (default: all)', positiveInteger)

export const positiveInteger = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.')
  return value
}

export const wholeNumber = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It must be a whole number.')
  return value
}

/** A number above 0 and below `limit`. */
export const share =
  (limit: number) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !(value > 0 && value < limit))
      throw new InvalidArgumentError(`It must be above 0 and below ${limit}.`)
    return value
  }

export const traceIdArgument = new Argument('<trace-id>', '32 hex digits').argParser(
  (text: string): string => {
    const id = text.toLowerCase()
    if (/^[0-9a-f]{32}$/.test(id)) return id
    throw new InvalidArgumentError('It must be 32 hex digits.')
  },
)

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `24h`, `7d`, `30m` before now, or an ISO 8601 time; answers ISO 8601 in UTC. */
export const sinceTime = (text: string): string => {
  const ago = /^(\d+(?:\.\d+)?)([mhd])$/.exec(text)
  const unit = ago?.[2]
  const ms =
    unit === 'm' || unit === 'h' || unit === 'd'
      ? Date.now() - Number(ago?.[1]) * UNIT_MS[unit]
      : /^\d{4}-\d\d-\d\d/.test(text)
        ? Date.parse(text)
        : Number.NaN
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('It must be an ISO 8601 time, or as 30m, 24h or 7d.')
  return new Date(ms).toISOString()
}
