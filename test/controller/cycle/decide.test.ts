import { describe, expect, test } from 'vitest'
import type { CycleEvent } from '../../../schemas/cycle-event.ts'
import { policy } from '../../../schemas/policy.ts'
import { aDiagnosis } from '../../support/a-search.ts'
import { aCluster, shopTasks } from '../../support/a-shop.ts'
import { candidateDigest, candidateTested, given, told } from '../../support/specify-cycle.ts'

const prepared = [told.started(), told.prepared()]

describe('the target', () => {
  test('is the first of the ranking that has failures enough', () => {
    const clusters = [
      aCluster({ id: 'small', rank: 1, failures: 2 }),
      aCluster({ id: 'second', rank: 2 }),
    ]
    given()
      .when({ clusters })
      .thenEmits({ type: 'cycle-started', cycleId: 'shop-1', cluster: { id: 'second' } })
  })

  test.each(['unknown', 'model', 'environment'] as const)(
    'of cause %s changes nothing, rests, and the next cluster has its turn',
    (rootCauseType) => {
      const cluster = aCluster({ diagnosis: aDiagnosis({ rootCauseType }) })
      const clusters = [cluster, aCluster({ id: 'cluster-2', rank: 2 })]
      given(told.started(cluster))
        .when({ clusters })
        .thenEmits({
          type: 'cycle-finished',
          outcome: 'NoChange',
          reason: expect.stringContaining(`root-cause-${rootCauseType}`),
        })
        .when({ clusters })
        .thenEmits({ type: 'cycle-started', cycleId: 'shop-2', cluster: { id: 'cluster-2' } })
    },
  )

  test('is taken again when it has rested', () => {
    const cluster = aCluster({ diagnosis: aDiagnosis({ rootCauseType: 'unknown' }) })
    const story = given(told.started(cluster)).settled()
    const clusters = [cluster]
    story.when({ hours: 23, clusters }).thenWaitsFor('no cluster to repair')
    story.when({ hours: 25, clusters }).thenEmits({ type: 'cycle-started', cycleId: 'shop-2' })
  })

  test('that nothing could be done about is taken up as soon as its cause is known', () => {
    const cluster = aCluster({ diagnosis: aDiagnosis({ rootCauseType: 'unknown' }) })
    const story = given(told.started(cluster)).settled()
    story.when({ clusters: [cluster] }).thenWaitsFor('no cluster to repair')
    story.when({ clusters: [aCluster()] }).thenEmits({ type: 'cycle-started', cycleId: 'shop-2' })
  })

  test('that was repaired has to fail again first', () => {
    const noCanary = policy.parse({ test: { margin: 0.1 }, release: { canary: false } })
    const story = given(...prepared, candidateTested('narrow', true)).settled({ policy: noCanary })
    story.when({ hours: 30 }).thenWaitsFor('no cluster to repair')
    story
      .when({ hours: 30, clusters: [aCluster({ latestAt: '2026-01-02T15:00:00.000Z' })] })
      .thenEmits({ type: 'cycle-started' })
  })

  test('is left alone while the loop is paused', () => {
    given().when({ paused: true }).thenWaitsFor('paused')
    given(told.started()).when({ paused: true }).thenWaitsFor('paused')
  })
})

describe('the search', () => {
  test('begins when the suite is there', () => {
    given(told.started()).when().thenWorks('prepare-suite')
    given(...prepared)
      .when()
      .thenEmits({ type: 'search-started', round: 0, constraints: [] })
    given(...prepared, told.searching())
      .when()
      .thenWorks('search')
  })

  test('is not begun when no test could prove anything', () => {
    const few = shopTasks({ refunds: 3, deliveries: 3 }).map((task) => ({
      ...task,
      split: 'regression' as const,
    }))
    given(told.started(), told.prepared(few))
      .when()
      .thenEmits({ outcome: 'NoChange', reason: expect.stringContaining('not-testable') })
  })

  test('is not begun when the budget does not hold it beside the test', () => {
    const poor = { ...told.started(), maxAgentRuns: 90 } as CycleEvent
    given(poor, told.prepared())
      .when()
      .thenEmits({ outcome: 'NoChange', reason: expect.stringContaining('budget') })
  })

  test('that finds nothing changes nothing', () => {
    given(...prepared, told.searching(), told.searched(null))
      .when()
      .thenEmits({ outcome: 'NoChange', reason: expect.stringContaining('stagnation') })
  })

  test('hands its best candidate to the regression test', () => {
    const story = given(...prepared, told.searching(), told.proposed('wide'), told.searched('wide'))
    const planned = story
      .when()
      .thenEmits({ type: 'test-planned', digest: candidateDigest('wide') })
    planned.when().thenWorks('test')
    const [plan] = planned.events.slice(-1)
    expect(plan).toMatchObject({ plan: { replicates: 1, alpha: 0.05, margin: 0.1 } })
  })
})

describe('a candidate that does not pass', () => {
  test('is rejected, and the next search is told what regressed, by kinds and counts', () => {
    const story = given(...prepared, candidateTested('wide', false))
      .when()
      .thenEmits({ type: 'gate-decided', verdict: 'retry' })
      .when()
      .thenDecides('reject', { toVersion: candidateDigest('wide') })
      .when()
      .thenEmits({
        type: 'search-started',
        round: 1,
        constraints: [
          'Under the change "The agent has to mind wide." tasks of these kinds got worse: delivery (2).',
        ],
      })
    expect([...story.agent().rejected]).toEqual([candidateDigest('wide')])
  })

  test('ends the cycle when the retries are used up', () => {
    const story = [0, 1, 2].reduce(
      (past, round) =>
        given(...past.events, candidateTested(`wide-${round}`, false, round)).settled(),
      given(...prepared),
    )
    expect(story.events.at(-1)).toMatchObject({
      type: 'cycle-finished',
      outcome: 'Rejected',
      reason: expect.stringContaining('persistent_regression'),
    })
    expect(story.agent().decisions.map(({ decision }) => decision)).toEqual([
      'reject',
      'reject',
      'reject',
    ])
  })

  test('ends the cycle as rejected when nothing narrower is found', () => {
    const story = given(...prepared, candidateTested('wide', false)).settled()
    given(...story.events, told.searched(null, 1))
      .when()
      .thenEmits({ outcome: 'Rejected', reason: expect.stringContaining('persistent_regression') })
  })
})
