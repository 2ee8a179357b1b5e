import fc from 'fast-check'
import { openWebAssemblySieve } from '../../../consumers/clustering/choose-sieve-engine.ts'
import { hdbscan } from '../../../consumers/clustering/hdbscan.ts'
import type { HdbscanInput, HdbscanResult } from '../../../consumers/clustering/hdbscan-model.ts'
import { plainSieve } from '../../../consumers/clustering/plain-sieve.ts'
import { bruteHdbscan } from '../../support/brute-hdbscan.ts'
import { clusteringInputs } from '../../support/clustering-inputs.ts'
import { differingRows } from '../../support/compare-labels.ts'

const CASES = 3000

const areEqual = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((value, place) => Object.is(value, b[place]))

type Rows = Pick<HdbscanResult, 'labels' | 'probabilities' | 'outlierScores' | 'lambdas'>

/** Whether rows of `own`, taken in this order, are the rows of `other`. */
const agree = (own: Rows, other: Rows, order: readonly number[]): boolean =>
  differingRows(
    other.labels,
    order.map((row) => own.labels[row] ?? 0),
  ) === 0 &&
  (['probabilities', 'outlierScores', 'lambdas'] as const).every((name) =>
    areEqual(
      other[name],
      order.map((row) => own[name][row] ?? 0),
    ),
  )

/** The input with these rows of it, in this order. */
const taking = (
  input: HdbscanInput,
  order: readonly number[],
  keepsWeights: boolean,
): HdbscanInput => {
  const { points, dimensions, weights, ...options } = input
  const values = order.flatMap((row) => [
    ...points.subarray(row * dimensions, (row + 1) * dimensions),
  ])
  return {
    ...options,
    dimensions,
    points: points instanceof Float32Array ? Float32Array.from(values) : Float64Array.from(values),
    ...(keepsWeights && weights !== undefined
      ? { weights: order.map((row) => weights[row] ?? 1) }
      : {}),
  }
}

const PROPERTIES: Readonly<Record<string, (input: HdbscanInput) => boolean>> = {
  'equals the definition on the full matrix: labels, probabilities, λ, outlier scores': (input) => {
    const brute = bruteHdbscan(input)
    const own = hdbscan(input)
    return (
      differingRows(own.labels, brute.labels) === 0 &&
      (['probabilities', 'outlierScores', 'lambdas'] as const).every((name) =>
        areEqual(own[name], brute[name]),
      )
    )
  },
  'does not depend on the order of the rows': (input) => {
    const own = hdbscan(input)
    const order = [...own.labels.keys()].sort(
      (a, b) => ((a * 7919) % 101) - ((b * 7919) % 101) || a - b,
    )
    return agree(own, hdbscan(taking(input, order, true)), order)
  },
  'a row of weight w equals w rows': (input) => {
    const { weights } = input
    if (weights === undefined) return true
    const own = hdbscan(input)
    const copies = [...own.labels.keys()].flatMap((row) =>
      new Array<number>(weights[row] ?? 1).fill(row),
    )
    return agree(own, hdbscan(taking(input, copies, false)), copies)
  },
  'a row that alone weighs the minimum cluster size is no noise': (input) =>
    hdbscan(input).labels.every(
      (label, row) => label >= 0 || (input.weights?.[row] ?? 1) < input.minClusterSize,
    ),
  'WebAssembly and plain TypeScript give the same bits': (input) => {
    const own = hdbscan(input, openWebAssemblySieve ?? plainSieve)
    return agree(own, hdbscan(input, plainSieve), [...own.labels.keys()])
  },
}

/** Random lattices and points, one to seventeen dimensions, weights, both metrics, both precisions, all options. */
export const propertyTable = (): string => {
  const rows = Object.entries(PROPERTIES).map(([name, holds]) => {
    const { numRuns, failed } = fc.check(fc.property(clusteringInputs(28), holds), {
      numRuns: CASES,
    })
    return `| ${name} | ${numRuns} | ${failed ? '**1**' : 0} |`
  })
  return [
    '## Properties',
    'Random lattices, where nearly every distance is tied, and points anywhere; up to 28 rows, 1, 2, 3 or 17 dimensions, with and',
    'without weights, both metrics, float32 and float64, every option. To the last bit.',
    '',
    '| property | cases | failures |',
    '|---|--:|--:|',
    ...rows,
  ].join('\n')
}
