import { judgeCanary } from '../../controller/monitor/judge-canary.ts'
import type { ReleaseJudgement, WatchedRun } from '../../controller/monitor/release-judgement.ts'
import type { ReleaseWatch } from '../../controller/monitor/release-watch.ts'
import type { Policy } from '../../schemas/policy.ts'
import type { Random } from '../../schemas/seeded-random.ts'

export const aWatch = (overrides: Partial<ReleaseWatch> = {}): ReleaseWatch => ({
  agent: 'support',
  cycleId: 'cycle-1',
  phase: 'canary',
  version: 'new',
  baseline: 'old',
  weight: 0.2,
  sinceMs: 0,
  stepSinceMs: 0,
  ...overrides,
})

export interface Traffic {
  readonly oldRate: number
  readonly newRate: number
  readonly weight: number
  readonly runs: number
}

/** Pass/fail runs of both arms, one a second from the beginning. */
export const drawTraffic = (random: Random, traffic: Traffic): readonly WatchedRun[] =>
  Array.from({ length: traffic.runs }, (_, i) => {
    const version = random() < traffic.weight ? 'new' : 'old'
    const rate = version === 'new' ? traffic.newRate : traffic.oldRate
    return { version, score: Number(random() < rate), startedAtMs: i * 1000 }
  })

/** The first judgement when one looks after every `every` runs, and how many runs it took. */
export const firstJudgement = (
  runs: readonly WatchedRun[],
  release: Policy['release'],
  every = 20,
): { readonly runs: number; readonly judgement: ReleaseJudgement | null } => {
  for (let seen = every; seen <= runs.length; seen += every) {
    const judgement = judgeCanary(aWatch(), runs.slice(0, seen), release)
    if (judgement !== null) return { runs: seen, judgement }
  }
  return { runs: runs.length, judgement: null }
}
