import { meanBounds } from '../bounded-mean.ts'
import { meanOf } from '../statistics/moments.ts'
import type { Method, ThreeVerdicts } from './method.ts'

const SUPPORT = { low: -1, high: 1 }

/** All differences at once, by the bounded-mean test. Peeking at it is not allowed: that is what the sequential ones are for. */
export const fixedMethod: Method = (differences, { margin, alpha }) => {
  const interval = meanBounds(differences, SUPPORT, alpha)
  return {
    verdict: verdictOf(interval, margin),
    n: differences.length,
    effect: meanOf(differences),
    interval,
    reasons: [],
  }
}

export const verdictOf = (
  [low, high]: readonly [number, number],
  margin: number,
): ThreeVerdicts => {
  if (low > -margin) return 'non-inferior'
  return high < -margin ? 'inferior' : 'inconclusive'
}
