import { bettingEProcess, confidenceSequence } from '../betting-e-process.ts'
import { meanOf } from '../statistics/moments.ts'
import type { Method, ThreeVerdicts } from './method.ts'

/**
 * The mixture of bets, looked at after every difference, against loss and against harm: for streams without a largest n. It stops at
 * the first crossing of 1/alpha; the interval is the confidence sequence at that time.
 */
export const eProcessMethod: Method = (differences, { margin, alpha }) => {
  const harmless = bettingEProcess(-margin)
  const harmful = bettingEProcess(margin)
  const enough = -Math.log(alpha)
  let [good, bad] = [harmless.initial, harmful.initial]
  let verdict: ThreeVerdicts = 'inconclusive'
  let n = 0
  for (const difference of differences) {
    n += 1
    good = harmless.add(good, difference)
    bad = harmful.add(bad, -difference)
    if (bad.highest >= enough) verdict = 'inferior'
    else if (good.highest >= enough) verdict = 'non-inferior'
    if (verdict !== 'inconclusive') break
  }
  const seen = differences.slice(0, n)
  return {
    verdict,
    n,
    effect: meanOf(seen),
    interval: confidenceSequence(seen, alpha),
    reasons: n < differences.length ? [`decided after ${n} tasks`] : [],
  }
}
