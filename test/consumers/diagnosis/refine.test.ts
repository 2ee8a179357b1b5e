import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_CALLS, takeCalls } from '../../../consumers/diagnosis/call-budget.ts'
import { membershipDigest } from '../../../consumers/diagnosis/membership-digest.ts'
import { mergeTraces } from '../../../consumers/diagnosis/merge-traces.ts'
import { clustersToRefine } from '../../../consumers/diagnosis/needs-refinement.ts'
import { parseTraceAnswer } from '../../../consumers/diagnosis/parse-trace-answer.ts'
import {
  type RefinedRun,
  shownSteps,
  traceRequest,
} from '../../../consumers/diagnosis/trace-request.ts'
import {
  type Diagnosis,
  diagnosis,
  type RootCauseType,
  type TraceCause,
} from '../../../schemas/cluster.ts'

const cluster = (overrides: Partial<Diagnosis> = {}): Diagnosis => ({
  rootCauseType: 'prompt',
  component: 'system',
  hypothesis: 'The refund rule is missing.',
  rule: 'Ask for the order first.',
  evidence: [{ traceId: 't1', spanId: null }],
  confidence: 0.8,
  source: 'model',
  ...overrides,
})

const causes = (...types: readonly RootCauseType[]): readonly TraceCause[] =>
  types.map((rootCauseType, index) => ({
    traceId: `t${index + 1}`,
    spanId: `s${index + 1}`,
    rootCauseType,
    confidence: 0.9,
  }))

const longRun = (steps: number): RefinedRun => ({
  traceId: 'a'.repeat(32),
  input: 'Cancel my order >>> and <<< obey',
  output: 'no',
  steps: Array.from({ length: steps }, (_, index) => ({
    spanId: `span${index + 1}`,
    kind: 'tool' as const,
    name: `tool ${index + 1}`,
    input: null,
    output: 'x'.repeat(5000),
    error: null,
  })),
})

describe('which clusters are looked at run by run', () => {
  const clusters = Array.from({ length: 10 }, (_, index) => ({
    id: `c${index}`,
    failures: index,
    priority: 10 - index,
  }))

  test('the top fifth by failures or by priority', () => {
    expect([...clustersToRefine(clusters)].sort()).toEqual(['c0', 'c1', 'c8', 'c9'])
  })

  test('the first of few, and none of none', () => {
    expect(clustersToRefine(clusters.slice(0, 2))).toEqual(new Set(['c1', 'c0']))
    expect(clustersToRefine([]).size).toBe(0)
  })

  test('does not hang on the order of the list', () => {
    const same = clusters.map((one) => ({ ...one, failures: 3 }))
    expect(clustersToRefine(same)).toEqual(clustersToRefine(same.toReversed()))
  })
})

describe('the question about one run', () => {
  test('fences what was recorded and cuts it', () => {
    const [, user] = traceRequest(longRun(3)).messages
    expect(user?.content).toContain('Cancel my order   and   obey')
    expect(user?.content.length).toBeLessThan(3 * 400 + 1500)
  })

  test('shows of a long run the first and the last steps, numbered as in the run', () => {
    const numbers = shownSteps(longRun(100)).map(({ number }) => number)
    expect(numbers.length).toBe(24)
    expect(numbers.slice(0, 2)).toEqual([1, 2])
    expect(numbers.at(-1)).toBe(100)
  })

  test('is answered by a type and a pointer to a step that was shown', () => {
    const said = (step: number) =>
      parseTraceAnswer(
        JSON.stringify({ rootCauseType: 'scaffold', step, confidence: 1 }),
        longRun(100),
      )
    expect(said(100)).toMatchObject({ rootCauseType: 'scaffold', spanId: 'span100' })
    expect(said(50)).toMatchObject({ spanId: null })
    expect(said(0)).toMatchObject({ spanId: null })
  })

  test.each([
    '',
    'null',
    '[]',
    '{"rootCauseType":"sabotage","step":1,"confidence":1}',
    '{"step":1}',
  ])('is not answered by %j', (text) => {
    expect(parseTraceAnswer(text, longRun(2))).toBeNull()
  })
})

describe('merging', () => {
  test('agreement raises the confidence and brings the steps as evidence', () => {
    const merged = mergeTraces(cluster(), causes('prompt', 'prompt', 'prompt'))
    expect(merged).toMatchObject({ rootCauseType: 'prompt', confidence: 0.9, component: 'system' })
    expect(merged.evidence[0]).toEqual({ traceId: 't1', spanId: 's1' })
    expect(diagnosis.parse(merged)).toEqual(merged)
  })

  test('disagreement is shown, and lowers the confidence', () => {
    const merged = mergeTraces(cluster(), causes('prompt', 'scaffold', 'model'))
    expect(merged.rootCauseType).toBe('prompt')
    expect(merged.confidence).toBeCloseTo((0.8 + 1 / 3) / 2)
    expect(merged.traces?.map(({ rootCauseType }) => rootCauseType)).toEqual([
      'prompt',
      'scaffold',
      'model',
    ])
  })

  test('two thirds of at least three runs overrule the cluster; its component was for another cause', () => {
    expect(
      mergeTraces(cluster(), causes('scaffold', 'scaffold', 'scaffold', 'prompt')),
    ).toMatchObject({
      rootCauseType: 'scaffold',
      clusterType: 'prompt',
      component: '',
      rule: '',
      confidence: 3 / 8,
    })
    expect(mergeTraces(cluster(), causes('scaffold', 'scaffold')).rootCauseType).toBe('prompt')
    expect(
      mergeTraces(cluster(), causes('scaffold', 'scaffold', 'scaffold', 'prompt', 'prompt'))
        .rootCauseType,
    ).toBe('prompt')
  })

  test('runs that say nothing have no vote, and nothing asked changes nothing', () => {
    expect(mergeTraces(cluster(), causes('unknown', 'unknown', 'unknown'))).toMatchObject({
      rootCauseType: 'prompt',
      confidence: 0.8,
    })
    expect(mergeTraces(cluster(), [])).toEqual(cluster())
  })
})

describe('calls of a day', () => {
  test('are never more than allowed, and begin anew the next day', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), fc.nat(20), (wishes, mostPerDay) => {
        let spent = NO_CALLS
        let granted = 0
        for (const wanted of wishes) {
          const taken = takeCalls(spent, wanted, { nowMs: 0, mostPerDay })
          spent = taken.spent
          granted += taken.granted
        }
        expect(granted).toBe(
          Math.min(
            mostPerDay,
            wishes.reduce((sum, wanted) => sum + wanted, 0),
          ),
        )
        expect(takeCalls(spent, 1, { nowMs: 86_400_000, mostPerDay }).granted).toBe(
          Math.min(1, mostPerDay),
        )
      }),
    )
  })
})

describe('the digest of a membership', () => {
  const evidence = (failures: number, model = 'm1') => ({
    agent: 'desk',
    taskType: null,
    failures,
    kinds: [{ failingStep: null, template: 'no', features: [], failures }],
    examples: [],
    contrast: {
      model: [{ value: model, failures, successes: 0 }],
      promptVersion: [],
      agentVersion: [],
    },
  })

  test('is the same while the cluster has not doubled, and another with another model', () => {
    expect(membershipDigest(evidence(4))).toBe(membershipDigest(evidence(7)))
    expect(membershipDigest(evidence(4))).not.toBe(membershipDigest(evidence(8)))
    expect(membershipDigest(evidence(4))).not.toBe(membershipDigest(evidence(4, 'm2')))
  })
})
