import { describe, expect, test } from 'vitest'
import { proxyDivergence } from '../../../controller/safety/proxy-divergence.ts'
import { passedUnsolvable } from '../../../controller/safety/unsolvable-tasks.ts'
import type { Evaluation } from '../../../schemas/evaluation.ts'
import type { Evidence, Verdict } from '../../../schemas/evidence.ts'

const part = (
  metric: string,
  verdict: Verdict,
  effect: number,
  role: Evidence['role'] = 'guardrail',
): Evidence => ({
  metric,
  role,
  method: 'fixed',
  n: 60,
  effect,
  interval: [effect - 0.1, effect + 0.1],
  verdict,
  margin: 0.05,
  alpha: 0.05,
  pValue: 0.01,
  minimalDetectableEffect: 0.1,
  nNeeded: null,
  reasons: [],
})

const originOf = (metric: string): 'proxy' | 'ground-truth' =>
  metric === 'judge' || metric === 'acceptance' ? 'proxy' : 'ground-truth'

describe('a gain in judged or implicit signals', () => {
  test('without any other gain blocks', () => {
    const reasons = proxyDivergence(
      [part('judge', 'superior', 0.2), part('success', 'non-inferior', 0)],
      originOf,
    )
    expect(reasons).toEqual([expect.stringContaining('judge rose, and no explicit')])
  })

  test('with the programmatic score, or the anchor, is a gain', () => {
    expect(
      proxyDivergence([part('judge', 'superior', 0.2), part('success', 'superior', 0.1)], originOf),
    ).toEqual([])
    expect(
      proxyDivergence(
        [part('judge', 'superior', 0.2), part('judge', 'superior', 0.1, 'anchor')],
        originOf,
      ),
    ).toEqual([])
  })

  test('while the truth fell is named as that, whatever else rose', () => {
    const reasons = proxyDivergence(
      [
        part('acceptance', 'superior', 0.2),
        part('success', 'superior', 0.1),
        part('tickets', 'inconclusive', -0.04),
      ],
      originOf,
    )
    expect(reasons).toEqual(['proxy-divergence: acceptance rose while tickets fell'])
  })

  test('that nobody claims blocks nothing', () => {
    expect(
      proxyDivergence(
        [part('judge', 'inconclusive', 0.2), part('success', 'inferior', -0.3)],
        originOf,
      ),
    ).toEqual([])
  })
})

test('a task that cannot be solved and was scored as passed is named once', () => {
  const run = (taskId: string, passed: boolean) => ({ taskId, passed }) as Evaluation
  const runs = [
    run('canary', true),
    run('canary', true),
    run('canary-2', false),
    run('plain', true),
  ]
  expect(passedUnsolvable(runs, new Set(['canary', 'canary-2']))).toEqual([
    expect.stringContaining('task canary cannot be solved'),
  ])
})
