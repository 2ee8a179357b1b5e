import { meanBounds } from '../bounded-mean.ts'
import { meanOf, varianceOf } from '../statistics/moments.ts'
import { type SprtErrors, sprtStep, sprtVerdict } from '../statistics/sprt.ts'
import type { Method, MethodResult, ThreeVerdicts } from './method.ts'

/** The spread is measured on these first differences, which then say nothing about the mean. */
const PILOT = 20
const BETA = 0.2
const SUPPORT = { low: -1, high: 1 }

/**
 * Wald's test of −margin against 0 on normal steps, and of −margin against −2·margin for harm, cut off at the last difference: the
 * fastest where the truth is one of the two. The spread comes from a pilot of 20 differences that is not used again, since it must be
 * fixed before; a pilot without spread is no ground for a test. Approximate, as its normal steps are: the default is another.
 */
export const sprtMethod: Method = (differences, { margin, alpha }) => {
  const pilot = differences.slice(0, PILOT)
  const sd = Math.sqrt(varianceOf(pilot))
  const rest = differences.slice(PILOT)
  if (!(sd > 0) || rest.length === 0)
    return ended(differences, alpha, 'inconclusive', [
      `a pilot of ${PILOT} tasks, and more than those, must show some spread`,
    ])
  const errors: SprtErrors = { alpha, beta: BETA }
  const model = { kind: 'normal', mean0: -margin, sd } as const
  let [good, bad] = [0, 0]
  for (const [index, difference] of rest.entries()) {
    good += sprtStep({ ...model, mean1: 0 }, difference)
    bad += sprtStep({ ...model, mean1: -2 * margin }, difference)
    const seen = differences.slice(0, PILOT + index + 1)
    if (sprtVerdict(bad, errors) === 'accept-h1') return ended(seen, alpha, 'inferior')
    if (sprtVerdict(good, errors) === 'accept-h1') return ended(seen, alpha, 'non-inferior')
    if (sprtVerdict(good, errors) === 'accept-h0' && sprtVerdict(bad, errors) === 'accept-h0')
      return ended(seen, alpha, 'inconclusive', [
        'the loss is nearer to the margin than to none or to twice as much: more tasks would not tell',
      ])
  }
  return ended(differences, alpha, 'inconclusive', ['the tasks ended before the test did'])
}

/** The interval is descriptive: that of the fixed test on what was seen. */
const ended = (
  seen: readonly number[],
  alpha: number,
  verdict: ThreeVerdicts,
  reasons: readonly string[] = [`decided after ${seen.length} tasks`],
): MethodResult => ({
  verdict,
  n: seen.length,
  effect: meanOf(seen),
  interval: meanBounds(seen, SUPPORT, alpha),
  reasons,
})
