import { seededRandom } from '../../../schemas/seeded-random.ts'
import { shuffled } from '../../prompt-optimizer/shuffled.ts'
import { holm } from '../../regression-tester/statistics/multiplicity.ts'
import { energyTest, mmdTest, type Point } from './two-sample-tests.ts'

/** Points of one kind in one part of the traffic: what came in, or what the agent answered. */
export interface DriftSlice {
  readonly name: string
  readonly side: 'inputs' | 'outputs'
  readonly reference: readonly Point[]
  readonly present: readonly Point[]
}

export interface SliceDrift {
  readonly name: string
  readonly side: DriftSlice['side']
  readonly n: { readonly reference: number; readonly present: number }
  readonly energy: number
  readonly mmd: number
  /** Adjusted for all tests of all slices (Holm). */
  readonly pValue: number
  readonly drifted: boolean
}

export interface DriftReport {
  readonly slices: readonly SliceDrift[]
  /** Verdicts about the traffic of the reference say little about the present one. */
  readonly stale: boolean
}

const PERMUTATIONS = 199
/** The time grows with the square: of more points a sample decides. */
const MOST_POINTS = 200

/**
 * Has the traffic changed since the reference? Inputs and outputs are asked separately, slice by slice, by energy distance and MMD with
 * permutation p-values; Holm's procedure keeps the chance of one false alarm over all of them at alpha. The smallest p-value of
 * 199 permutations is .005: more than ten questions at alpha .05 need more permutations, and get them.
 */
export const judgeDrift = (
  slices: readonly DriftSlice[],
  { alpha, seed }: { readonly alpha: number; readonly seed: number },
): DriftReport => {
  const permutations = Math.max(PERMUTATIONS, Math.ceil((2 * 2 * slices.length) / alpha))
  const tested = slices.map((slice) => {
    const random = seededRandom(`${seed}/${slice.side}/${slice.name}`)
    const sample = (points: readonly Point[]): readonly Point[] =>
      points.length <= MOST_POINTS ? points : shuffled(points, random).slice(0, MOST_POINTS)
    const [reference, present] = [sample(slice.reference), sample(slice.present)]
    return {
      slice,
      energy: energyTest(reference, present, permutations, random),
      mmd: mmdTest(reference, present, permutations, random),
    }
  })
  const adjusted = holm(tested.flatMap(({ energy, mmd }) => [energy.pValue, mmd.pValue]))
  const found = tested.map(({ slice, energy, mmd }, i): SliceDrift => {
    const pValue = Math.min(adjusted[2 * i] ?? 1, adjusted[2 * i + 1] ?? 1)
    return {
      name: slice.name,
      side: slice.side,
      n: { reference: slice.reference.length, present: slice.present.length },
      energy: energy.statistic,
      mmd: mmd.statistic,
      pValue,
      drifted: pValue <= alpha,
    }
  })
  return { slices: found, stale: found.some(({ drifted }) => drifted) }
}
