import { describe, expect, test } from 'vitest'
import { demoReport, missingFrom } from '../../../deploy/demo/demo-report.ts'
import type { SystemView } from '../../../deploy/demo/read-system.ts'
import type { CycleRow, ListedCandidate } from '../../../schemas/cycle-listing.ts'
import type { Evidence, Verdict } from '../../../schemas/evidence.ts'
import { aDecision, aVersion } from '../../support/a-decision.ts'

const [before, tempting, good] = [aVersion('before'), aVersion('tempting'), aVersion('good')]

const evidence = (role: 'target' | 'guardrail', verdict: Verdict): Evidence => ({
  metric: 'success',
  role,
  method: 'paired',
  n: 40,
  effect: 0.3,
  interval: [0.1, null],
  verdict,
  margin: 0.05,
  alpha: 0.05,
  pValue: 0.01,
  minimalDetectableEffect: 0.1,
  nNeeded: null,
  reasons: [],
})
const rejected: ListedCandidate = {
  digest: tempting.digest,
  outcome: 'rejected',
  evidence: [evidence('target', 'superior'), evidence('guardrail', 'inferior')],
}
const passed: ListedCandidate = {
  digest: good.digest,
  outcome: 'passed',
  evidence: [evidence('target', 'superior'), evidence('guardrail', 'non-inferior')],
}
const cycle: CycleRow = {
  id: 'cycle-1',
  agent: 'support',
  clusterId: 'c-1',
  outcome: 'RolledBack',
  stage: 'rollback',
  reason: '',
  startedAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  candidates: [rejected, passed],
  evidence: passed.evidence,
  generatedTests: 0,
}
const view = (changes: Partial<CycleRow> = {}): SystemView => ({
  spans: 9,
  runs: 3,
  failures: 2,
  clusters: [
    {
      id: 'c-1',
      agent: 'support',
      taskType: null,
      rootCauseType: 'prompt',
      summary: '',
      exampleTraceIds: [],
      failures: 2,
      meanScore: 0,
      hoursSinceLatest: 0,
      recency: 1,
      priority: 2,
      rank: 1,
    },
  ],
  cycles: [{ ...cycle, ...changes }],
})
const decisions = [
  aDecision('canary', good, { from: before }),
  aDecision('promote', good, { from: before, step: 1 }),
  aDecision('rollback', before, { from: good, step: 2 }),
]

describe('a demonstration', () => {
  test('in which all of it happened misses nothing', () => {
    expect(missingFrom({ simulatedModel: true, view: view(), decisions })).toEqual([])
  })

  test.each<[string, Partial<CycleRow>, number[], string[]]>([
    ['no candidate was rejected', { candidates: [passed] }, [0, 1, 2], ['is rejected by']],
    [
      'the rejected one broke nothing',
      { candidates: [{ ...rejected, evidence: [evidence('target', 'superior')] }, passed] },
      [0, 1, 2],
      ['is rejected by'],
    ],
    [
      'what was promoted never passed',
      { candidates: [rejected, { ...passed, outcome: 'rejected' }] },
      [0, 1, 2],
      ['passes the regression test'],
    ],
    ['it was promoted without a canary', {}, [1, 2], ['canary that is promoted']],
    ['the roll-back came before the promotion', {}, [2, 0, 1], ['roll-back']],
    ['the cycle was not rolled back', { outcome: 'Deployed' }, [0, 1, 2], ['RolledBack']],
    [
      'a candidate passed and was never promoted',
      { outcome: 'Canary' },
      [0],
      ['canary that is promoted', 'roll-back', 'RolledBack'],
    ],
  ])('is not whole where %s', (_, changes, order, missing) => {
    const received = order.flatMap((index) => decisions[index] ?? [])
    const found = missingFrom({ simulatedModel: true, view: view(changes), decisions: received })
    expect(found).toEqual(missing.map((part) => expect.stringContaining(part)))
  })

  test('reports candidates with their evidence, and the decisions as they came', () => {
    const report = demoReport({ simulatedModel: true, seed: 7, view: view(), decisions })
    expect(report).toMatchObject({ simulatedModel: true, seed: 7, spans: 9, runs: 3, failures: 2 })
    expect(report.decisions).toEqual(decisions)
    expect(report.cycles[0]?.candidates.map(({ outcome }) => outcome)).toEqual([
      'rejected',
      'passed',
    ])
    expect(report.cycles[0]?.evidence[0]).toEqual({
      metric: 'success',
      role: 'target',
      n: 40,
      effect: 0.3,
      interval: [0.1, null],
      verdict: 'superior',
    })
  })

  test('gives effects as candidate − baseline, of costs too', () => {
    const tokens = { ...evidence('guardrail', 'non-inferior'), metric: 'outputTokens' }
    const rows = view({ evidence: [{ ...tokens, effect: -0.06, interval: [-0.1, null] }] })
    const report = demoReport({ simulatedModel: true, seed: 7, view: rows, decisions })
    expect(report.cycles[0]?.evidence[0]).toMatchObject({ effect: 0.06, interval: [null, 0.1] })
  })
})
