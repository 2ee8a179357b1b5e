import { describe, expect, test } from 'vitest'
import { clusterFingerprints } from '../../../consumers/clustering/cluster-fingerprints.ts'
import { fitLexicalSpace } from '../../../consumers/embedding/lexical-embedder.ts'
import { memberOf } from '../../../consumers/miner/member-rows.ts'
import { populationOf } from '../../../consumers/miner/population-of.ts'
import type { AgentRun } from '../../../schemas/agent-run.ts'
import { FAILURE_KINDS, failureRun } from '../../support/failure-run.ts'
import { pairLift } from '../../support/pair-lift.ts'
import { type TauRow, tauRun } from '../../support/tau-runs.ts'
import { testData } from '../../support/test-data.ts'

/** Cluster per run, as the miner finds it with the offline features. */
const clusterRuns = (runs: readonly AgentRun[]): readonly number[] => {
  const members = runs.map((run) => memberOf(run, Date.parse('2030-01-01')).member)
  const population = populationOf(members)
  const { points, dimensions } = fitLexicalSpace(population)
  const weights = population.map(({ weight }) => weight)
  const { labels } = clusterFingerprints({ points, dimensions, weights, minClusterSize: 3 })
  const rows = new Map(population.map(({ fingerprint }, row) => [fingerprint.key, row]))
  return members.map(({ fingerprint }) => labels[rows.get(fingerprint.key) ?? -1] ?? -1)
}

const sizesOf = (labels: readonly number[]): readonly number[] =>
  [
    ...Map.groupBy(
      labels.filter((label) => label >= 0),
      (label) => label,
    ).values(),
  ]
    .map(({ length }) => length)
    .sort((a, b) => b - a)

const some = (make: (number: number) => AgentRun, count: number): AgentRun[] =>
  Array.from({ length: count }, (_, number) => make(number))

/** Answers with names that are not masked: many fingerprints of one kind. */
const CITIES = ['Rome', 'Oslo', 'Paris', 'Lima', 'Quito', 'Cairo']
const parcel = (number: number): AgentRun =>
  failureRun(number, [{ tool: 'track_parcel', output: '{"place":"?"}' }], {
    taskType: 'status',
    output: `The parcel ${number} went from ${CITIES[number % 6]} to ${CITIES[(number * 5 + 1) % 6]}, I guess.`,
  })
const shrug = (number: number): AgentRun =>
  failureRun(
    number,
    [
      {
        tool: 'refund_order',
        error: { type: 'Conflict', message: `order A${number} was not looked up` },
      },
    ],
    {
      taskType: 'refund',
      output: 'Who knows?',
    },
  )

describe('clusters of failures', () => {
  test('are one per kind, also where one kind outnumbers the others by far', () => {
    const { conflict, loop, address } = FAILURE_KINDS
    if (conflict === undefined || loop === undefined || address === undefined)
      throw new Error('kinds')
    const runs = [
      ...some(conflict, 400),
      ...some(loop, 20),
      ...some(address, 3),
      ...some(parcel, 60),
    ]
    const labels = clusterRuns(runs)
    expect(sizesOf(labels)).toEqual([400, 60, 20, 3])
    expect(new Set(labels.slice(423)).size).toBe(1)
  })

  test.each([
    ['of equal failures', some(FAILURE_KINDS['loop'] ?? parcel, 5), [5]],
    ['of failures that differ in particulars', some(parcel, 30), [30]],
    [
      'of three failures and two others',
      [...some(parcel, 3).map((run) => ({ ...run, output: 'x' })), ...some(shrug, 2)],
      [3],
    ],
    ['too small', some(shrug, 2), []],
    ['of nothing', [], []],
  ])('%s', (_, runs, expected) => {
    expect(sizesOf(clusterRuns(runs))).toEqual(expected)
  })

  test('are one where the same step fails after different first tools', () => {
    const firsts = ['search_orders', 'ask_calendar', 'read_policy', 'check_stock', 'list_agents']
    const late = (number: number): AgentRun =>
      failureRun(
        number,
        [
          { tool: firsts[number % 5] ?? '', output: '{"ok":1}' },
          {
            tool: 'refund_order',
            error: { type: 'Conflict', message: `order A${number} is shut` },
          },
        ],
        { output: `Order ${number} could not be refunded.` },
      )
    const other = (number: number): AgentRun =>
      failureRun(
        number + 100,
        [
          { tool: firsts[number % 5] ?? '', output: '{"ok":1}' },
          { tool: 'send_mail', error: { type: 'Timeout', message: `no answer in ${number} s` } },
        ],
        { output: `Order ${number} could not be refunded.` },
      )
    const labels = clusterRuns([...some(late, 20), ...some(other, 15)])
    expect(sizesOf(labels)).toEqual([20, 15])
    expect(new Set(labels.slice(0, 20)).size).toBe(1)
  })

  test('tell two answers apart when all else is equal', () => {
    const other = (number: number): AgentRun => ({
      ...shrug(number + 50),
      output: 'Your money is on its way',
    })
    expect(sizesOf(clusterRuns([...some(shrug, 8), ...some(other, 6)]))).toEqual([8, 6])
  })
})

describe('strays', () => {
  /** A tight group, and rows ever farther from it along axes of their own. */
  const pointsOf = (strays: number, kept: number): Float32Array => {
    const dimensions = strays + 1
    const points = new Float32Array((strays + kept) * dimensions)
    for (let row = 0; row < strays + kept; row++) {
      const angle = row < strays ? 1.1 + row * 0.01 : 0
      points[row * dimensions] = Math.cos(angle)
      if (row < strays) points[row * dimensions + row + 1] = Math.sin(angle)
    }
    return points
  }
  const noiseOf = (strays: number, kept: number): number => {
    const { labels } = clusterFingerprints({
      points: pointsOf(strays, kept),
      dimensions: strays + 1,
      weights: Array.from({ length: strays + kept }, (_, row) => (row < strays ? 1 : 4)),
      minClusterSize: 3,
    })
    return labels.filter((label) => label < 0).length
  }

  test('far from everything are noise', () => {
    expect(noiseOf(2, 6)).toBe(2)
  })
})

const airline = testData('tau-airline/trials-0-1.json', 1) as readonly TauRow[] | null
const retail = testData('agentrx/tau-retail/trajectories.json', 1) as readonly TauRow[] | null

describe('clusters of real failures', () => {
  test.runIf(airline !== null)(
    'of an airline agent: little noise, no giant, tasks together',
    () => {
      const rows = (airline ?? []).filter(({ reward }) => reward < 0.5)
      const labels = clusterRuns(rows.map(tauRun))
      const noise = labels.filter((label) => label < 0).length / labels.length
      const lift = pairLift(
        labels,
        rows.map((row) => row.task_id),
      )
      expect(noise).toBeLessThanOrEqual(0.4)
      expect((sizesOf(labels)[0] ?? 0) / labels.length).toBeLessThanOrEqual(0.5)
      expect(lift).toBeGreaterThanOrEqual(5)
    },
  )

  test.runIf(retail !== null)('of a retail agent: several clusters, little noise, no giant', () => {
    const labels = clusterRuns((retail ?? []).map(tauRun))
    expect(sizesOf(labels).length).toBeGreaterThanOrEqual(2)
    expect(labels.filter((label) => label < 0).length / labels.length).toBeLessThanOrEqual(0.4)
    expect((sizesOf(labels)[0] ?? 0) / labels.length).toBeLessThanOrEqual(0.5)
  })
})
