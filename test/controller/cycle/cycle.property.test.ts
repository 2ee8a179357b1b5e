import fc from 'fast-check'
import { expect, test } from 'vitest'
import { activeCycle } from '../../../controller/cycle/agent-state.ts'
import { digestOf } from '../../../schemas/canonical-json.ts'
import type { CycleEvent } from '../../../schemas/cycle-event.ts'
import { liveOn } from '../../support/cycle-world.ts'
import { fold } from '../../support/specify-cycle.ts'

const EVENTS = 80
const lifeOf = (seed: number): readonly CycleEvent[] => liveOn(seed, [], EVENTS)
/** A failure names the seed of the life; the log itself is long. */
const inEveryLife = (holds: (log: readonly CycleEvent[], seed: number) => void): void =>
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => holds(lifeOf(seed), seed)),
    { numRuns: 25 },
  )

const decisionsOf = (log: readonly CycleEvent[]) => fold(log).decisions

test('whoever goes on from any prefix of the log writes the same log', () => {
  inEveryLife((log, seed) => {
    for (let length = seed % 7; length <= log.length; length += 29)
      expect(digestOf(liveOn(seed, log.slice(0, length), EVENTS))).toBe(digestOf(log))
  })
})

test('an event that is on the log twice counts once', () => {
  inEveryLife((log) => {
    expect(digestOf(fold(log.flatMap((event) => [event, event])))).toBe(digestOf(fold(log)))
  })
})

test('one cycle at a time, and every cycle that is not the last comes to an end', () => {
  inEveryLife((log) => {
    for (let length = 1; length <= log.length; length += 1) {
      const { cycles } = fold(log.slice(0, length))
      expect(cycles.filter(({ finishedAt }) => finishedAt === null).length).toBeLessThanOrEqual(1)
    }
    const agent = fold(log)
    const active = activeCycle(agent)
    for (const cycle of agent.cycles) expect(cycle === active || cycle.outcome !== null).toBe(true)
  })
})

test('decisions have unique ids, and nothing ships without a test that it passed', () => {
  inEveryLife((log) => {
    const decisions = decisionsOf(log)
    expect(new Set(decisions.map(({ id }) => id)).size).toBe(decisions.length)
    const passed = new Set(
      log.flatMap((event) => (event.type === 'test-finished' && event.passed ? event.digest : [])),
    )
    for (const { decision, toVersion } of decisions)
      if (decision === 'canary' || decision === 'promote' || decision === 'pending-review')
        expect(passed.has(toVersion)).toBe(true)
  })
})

test('no cycle spends more agent runs than it may', () => {
  inEveryLife((log) => {
    for (const { spentRuns, maxAgentRuns } of fold(log).cycles)
      expect(spentRuns).toBeLessThanOrEqual(maxAgentRuns)
  })
})

test('the lives show every outcome and every decision', () => {
  const logs = Array.from({ length: 60 }, (_, seed) => lifeOf(seed))
  const outcomes = new Set(
    logs.flatMap((log) => log.flatMap((e) => (e.type === 'cycle-finished' ? e.outcome : []))),
  )
  const kinds = new Set(logs.flatMap((log) => decisionsOf(log).map(({ decision }) => decision)))
  expect([...outcomes].sort()).toEqual(['Deployed', 'NoChange', 'Rejected', 'RolledBack'])
  expect([...kinds].sort()).toEqual([
    'canary',
    'hold',
    'pending-review',
    'promote',
    'reject',
    'rollback',
  ])
})
