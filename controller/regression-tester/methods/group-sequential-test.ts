import { meanBounds } from '../bounded-mean.ts'
import { normalUpperTail } from '../normal-distribution.ts'
import { obrienFlemingSpending, sequentialBoundaries } from '../statistics/group-sequential.ts'
import { meanOf } from '../statistics/moments.ts'
import { verdictOf } from './fixed.ts'
import type { Method } from './method.ts'

const SUPPORT = { low: -1, high: 1 }
const LOOKS = 4

/** How many of n differences each look sees; the same look is not taken twice. */
export const looksAt = (n: number): readonly number[] => [
  ...new Set(Array.from({ length: LOOKS }, (_, k) => Math.ceil((n * (k + 1)) / LOOKS))),
]

/** One-sided level of each look, so that all together err with probability alpha. */
export const lookLevels = (n: number, alpha: number): readonly number[] =>
  cachedLevels(
    looksAt(n)
      .map((seen) => seen / n)
      .join(' '),
    alpha,
  )

const levels = new Map<string, readonly number[]>()
const MOST_CACHED = 200

/** The boundaries are an integration of some tenths of a second and hang on nothing but the shares and alpha. */
const cachedLevels = (shares: string, alpha: number): readonly number[] => {
  const key = `${shares}/${alpha}`
  const known = levels.get(key)
  if (known !== undefined) return known
  const made = sequentialBoundaries(
    shares.split(' ').map(Number),
    alpha,
    obrienFlemingSpending,
  ).map(normalUpperTail)
  if (levels.size >= MOST_CACHED) levels.clear()
  levels.set(key, made)
  return made
}

/**
 * Four looks at a known largest n, by Lan and DeMets' O'Brien–Fleming boundaries: at each look the bounded-mean test at that look's
 * level, so that small looks and rare losses are judged exactly. Harm has boundaries of its own at the same alpha.
 */
export const groupSequentialMethod: Method = (differences, { margin, alpha }) => {
  const looks = looksAt(differences.length)
  const atLook = lookLevels(differences.length, alpha)
  for (const [k, seen] of looks.entries()) {
    const part = differences.slice(0, seen)
    const interval = meanBounds(part, SUPPORT, atLook[k] ?? 0)
    const verdict = verdictOf(interval, margin)
    if (verdict !== 'inconclusive' || k === looks.length - 1)
      return {
        verdict,
        n: seen,
        effect: meanOf(part),
        interval,
        reasons: seen < differences.length ? [`decided at look ${k + 1} of ${looks.length}`] : [],
      }
  }
  return { verdict: 'inconclusive', n: 0, effect: Number.NaN, interval: [-1, 1], reasons: [] }
}
