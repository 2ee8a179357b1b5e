import { pairLift } from '../../support/pair-lift.ts'
import type { MinedFailure, MinedFile } from './quality-import.ts'

const percent = (share: number): string => `${Math.round(100 * share)} %`
const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b)
const mean = (numbers: readonly number[]): number =>
  ratio(
    numbers.reduce((sum, number) => sum + number, 0),
    numbers.length,
  )

/** What the tools do, in our words; others are shown as "another tool". */
const WORDS: Readonly<Record<string, string>> = {
  get_reservation_details: 'looks a booking up',
  get_user_details: 'looks the customer up',
  search_direct_flight: 'searches flights',
  search_onestop_flight: 'searches flights with a stop',
  update_reservation_flights: 'changes flights',
  update_reservation_baggages: 'changes baggage',
  update_reservation_passengers: 'changes passengers',
  book_reservation: 'books',
  cancel_reservation: 'cancels a booking',
  send_certificate: 'sends a voucher',
  transfer_to_human_agents: 'hands over to a person',
  calculate: 'calculates',
  think: 'writes a thought down',
  list_all_airports: 'lists airports',
}

const toolsOf = ({ run }: MinedFailure): readonly string[] =>
  run.steps.filter(({ kind }) => kind === 'tool').map(({ name }) => name)

const hasToolError = ({ run }: MinedFailure): boolean =>
  run.steps.some(({ kind, error }) => kind === 'tool' && error !== null)

export const noiseAndSize = ({ failures, clusters }: MinedFile) => {
  const noise = failures.filter(({ cluster }) => cluster === null).length
  const largest = Math.max(
    0,
    ...clusters.map(({ id }) => failures.filter(({ cluster }) => cluster?.id === id).length),
  )
  return { noise, largest }
}

/** Counts and our own words; nothing of the data is quoted. */
export const airlineTable = (file: MinedFile): string => {
  const { runs, failures, clusters } = file
  const { noise, largest } = noiseAndSize(file)
  const labels = failures.map(({ cluster }) => clusters.findIndex(({ id }) => id === cluster?.id))
  const lift = pairLift(
    labels,
    failures.map(({ row }) => row.task_id),
  )
  const n = failures.length
  return [
    '| | |',
    '|---|--:|',
    `| runs, of them failed | ${runs}, ${n} |`,
    `| clusters | ${clusters.length} |`,
    `| noise | ${noise} (${percent(ratio(noise, n))}) |`,
    `| largest cluster | ${largest} (${percent(ratio(largest, n))}) |`,
    `| lift: how much more often two failed trials of one task share a cluster than any two failures | ${lift.toFixed(1)} |`,
    '',
    '| rank | failures | tasks | with a tool error | tool calls a run (all failures: ' +
      `${mean(failures.map((one) => toolsOf(one).length)).toFixed(1)}) | cause | more often than in other failures |`,
    '|--:|--:|--:|--:|--:|---|---|',
    ...clusters.map(({ id, rank, rootCauseType }) => {
      const members = failures.filter(({ cluster }) => cluster?.id === id)
      return `| ${[
        rank,
        members.length,
        new Set(members.map(({ row }) => row.task_id)).size,
        members.filter(hasToolError).length,
        mean(members.map((one) => toolsOf(one).length)).toFixed(1),
        rootCauseType,
        typicalTools(members, failures),
      ].join(' | ')} |`
    }),
  ].join('\n')
}

/** The three tools whose share of runs is furthest above that among the other failures. */
const typicalTools = (members: readonly MinedFailure[], all: readonly MinedFailure[]): string => {
  const others = all.filter((one) => !members.includes(one))
  const shareIn = (runs: readonly MinedFailure[], tool: string): number =>
    ratio(runs.filter((one) => toolsOf(one).includes(tool)).length, runs.length)
  const found = [...new Set(members.flatMap(toolsOf))]
    .map((tool) => ({ tool, here: shareIn(members, tool), there: shareIn(others, tool) }))
    .filter(({ here, there }) => here >= 0.5 && here > there)
    .sort((a, b) => b.here - b.there - (a.here - a.there))
    .slice(0, 3)
    .map(
      ({ tool, here, there }) =>
        `${WORDS[tool] ?? 'another tool'} (${percent(here)}, others ${percent(there)})`,
    )
  return found.length > 0 ? found.join(', ') : 'fewer tools'
}
