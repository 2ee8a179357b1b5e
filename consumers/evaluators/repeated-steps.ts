import type { RunStep } from '../../schemas/agent-run.ts'
import type { Finding, RunFacts } from './run-facts.ts'

/** Loops of up to so many steps are found. */
const LONGEST_LOOP = 4

/**
 * The same calls of tools again and again in a row, alone or in a round of up to four: with the same input and the same
 * outcome, so that asking until something changes is no loop. Calls whose input was not recorded cannot be compared.
 */
export const repeatedSteps = ({ toolCalls }: RunFacts, repetitions: number): Finding | null => {
  const calls = toolCalls.map(keyOf)
  for (let period = 1; period <= LONGEST_LOOP; period++)
    if (longestRepeat(calls, period) >= repetitions * period)
      return {
        value: 0,
        explanation:
          period === 1
            ? `The same call ${repetitions} times in a row or more.`
            : `The same ${period} calls ${repetitions} times in a row or more.`,
      }
  return null
}

const keyOf = ({ name, input, output, error }: RunStep, place: number): string =>
  JSON.stringify(input === null ? place : [name, input, output, error?.type ?? null])

/** Length of the longest stretch that repeats itself after `period` calls. */
const longestRepeat = (calls: readonly string[], period: number): number => {
  let longest = 0
  let length = 0
  for (const [place, call] of calls.entries()) {
    length = place >= period && call === calls[place - period] ? length + 1 : 0
    longest = Math.max(longest, length)
  }
  return longest === 0 ? 0 : longest + period
}
