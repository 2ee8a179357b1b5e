import { expect, test } from 'vitest'
import { judgePromoted } from '../../../controller/monitor/judge-promoted.ts'
import type { WatchedRun } from '../../../controller/monitor/release-judgement.ts'
import { evidence } from '../../../schemas/evidence.ts'
import { policy } from '../../../schemas/policy.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'
import { aWatch } from '../../support/released-traffic.ts'

const { release } = policy.parse({})
const PROMOTED = 1_000_000
const watch = aWatch({ phase: 'monitoring', weight: 1, stepSinceMs: PROMOTED })

const runs = (version: string, scores: readonly number[], fromMs: number): readonly WatchedRun[] =>
  scores.map((score, i) => ({ version, score, startedAtMs: fromMs + i * 1000 }))
const before = runs('old', Array(50).fill(1), 0)

test('a fall after the promotion is seen, and what it was measured by is said', () => {
  const judgement = judgePromoted(
    watch,
    [...before, ...runs('new', Array(20).fill(0), PROMOTED)],
    release,
  )
  expect(judgement?.verdict).toBe('rollback')
  const part = judgement?.evidence[0]
  expect(evidence.parse(part)).toEqual(part)
  expect(part).toMatchObject({ n: 20, effect: -1, margin: 0.1, verdict: 'inferior' })
})

test('a fall that comes late is seen about as fast as one that comes at once', () => {
  const fall = Array<number>(25).fill(0)
  const late = [...Array<number>(500).fill(1), ...fall]
  expect(judgePromoted(watch, [...before, ...runs('new', late, PROMOTED)], release)?.verdict).toBe(
    'rollback',
  )
})

test('a loss within the tolerance is let be', () => {
  const random = seededRandom('tolerated')
  const scores = Array.from({ length: 300 }, () => Number(random() < 0.95))
  expect(judgePromoted(watch, [...before, ...runs('new', scores, PROMOTED)], release)).toBeNull()
})

test('runs of the version before its promotion, and of the old version after it, do not count', () => {
  const early = runs('new', Array(40).fill(0), 0)
  const stale = runs('old', Array(40).fill(0), PROMOTED)
  expect(judgePromoted(watch, [...before, ...early, ...stale], release)).toBeNull()
})

test('without enough runs of the version before there is no level and no alarm', () => {
  const few = before.slice(0, release.minRunsPerStep - 1)
  expect(
    judgePromoted(watch, [...few, ...runs('new', Array(99).fill(0), PROMOTED)], release),
  ).toBeNull()
})
