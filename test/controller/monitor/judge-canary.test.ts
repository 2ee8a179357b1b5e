import { describe, expect, test } from 'vitest'
import { judgeCanary } from '../../../controller/monitor/judge-canary.ts'
import { MOST_RUNS, type WatchedRun } from '../../../controller/monitor/release-judgement.ts'
import { evidence } from '../../../schemas/evidence.ts'
import { policy } from '../../../schemas/policy.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'
import { aWatch, drawTraffic, firstJudgement } from '../../support/released-traffic.ts'

const { release } = policy.parse({})

/** Blocks of one run of each arm, a second apart. */
const blocks = (n: number, oldScore: number, newScore: number): readonly WatchedRun[] =>
  Array.from({ length: 2 * n }, (_, i) => ({
    version: i % 2 === 0 ? 'old' : 'new',
    score: i % 2 === 0 ? oldScore : newScore,
    startedAtMs: i * 1000,
  }))

describe('a canary', () => {
  test('that never differs goes a step further once ties can show it, and not before', () => {
    expect(judgeCanary(aWatch(), blocks(46, 1, 1), release)).toBeNull()
    expect(judgeCanary(aWatch(), blocks(47, 1, 1), release)?.verdict).toBe('step')
  })

  test('is promoted at the last share', () => {
    const watch = aWatch({ weight: 0.5 })
    expect(judgeCanary(watch, blocks(60, 1, 1), release)?.verdict).toBe('promote')
  })

  test('waits for the least number of runs at its present share', () => {
    const runs = blocks(60, 0, 1)
    const stepSinceMs = (runs.at(-1)?.startedAtMs ?? 0) - 2 * 18_000
    const watch = aWatch({ weight: 0.5, stepSinceMs })
    expect(judgeCanary(watch, runs, release)).toBeNull()
    const later = runs.map((run) => ({ ...run, startedAtMs: run.startedAtMs + 2000 }))
    expect(judgeCanary(watch, later, release)?.verdict).toBe('promote')
  })

  test('that is much worse is taken back, without waiting for the least number of runs', () => {
    const judgement = judgeCanary(aWatch(), blocks(12, 1, 0), release)
    expect(judgement?.verdict).toBe('rollback')
    expect(judgement?.evidence[0]).toMatchObject({
      verdict: 'inferior',
      effect: -1,
      role: 'production',
    })
  })

  test('is judged by the runs since it began alone', () => {
    const runs = blocks(60, 1, 0)
    expect(judgeCanary(aWatch({ sinceMs: 1e9 }), runs, release)).toBeNull()
  })

  test('without runs is not judged', () => {
    expect(judgeCanary(aWatch(), [], release)).toBeNull()
  })

  test('that shows nothing in very many runs is held', () => {
    const runs = blocks(MOST_RUNS / 2, 0.6, 0.5)
    expect(judgeCanary(aWatch(), runs, release)?.verdict).toBe('hold')
  })
})

test('its evidence says how much, how sure and by which error rate', () => {
  const part = judgeCanary(aWatch(), blocks(80, 0, 1), release)?.evidence[0]
  expect(evidence.parse(part)).toEqual(part)
  expect(part).toMatchObject({ n: 80, effect: 1, verdict: 'superior', margin: 0.1, alpha: 0.05 })
  expect(part?.interval[0]).toBeGreaterThan(0)
  expect(part?.pValue).toBeLessThan(0.05)
})

describe('looked at after every 20 runs', () => {
  const trials = 150
  const tolerated = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / trials)
  const verdictsAt = (newRate: number): readonly (string | undefined)[] => {
    const random = seededRandom(`canary/${newRate}`)
    const traffic = { oldRate: 0.85, newRate, weight: 0.3, runs: 1500 }
    return Array.from(
      { length: trials },
      () => firstJudgement(drawTraffic(random, traffic), release).judgement?.verdict,
    )
  }
  const share = (verdicts: readonly unknown[], verdict: string): number =>
    verdicts.filter((one) => one === verdict).length / trials

  test('a canary that is worse by exactly the margin hardly ever goes on', () => {
    expect(share(verdictsAt(0.75), 'step')).toBeLessThanOrEqual(tolerated)
  })

  test('a canary that is equal is hardly ever taken back, and mostly goes on', () => {
    const verdicts = verdictsAt(0.85)
    expect(share(verdicts, 'rollback')).toBeLessThanOrEqual(tolerated)
    expect(share(verdicts, 'step')).toBeGreaterThan(0.8)
  })
})
