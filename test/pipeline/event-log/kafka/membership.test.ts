import { expect, test } from 'vitest'
import { openMembership } from '../../../../pipeline/event-log/kafka/membership.ts'

const opened = () => {
  const told: Record<string, readonly number[]>[] = []
  const membership = openMembership({
    topics: ['a', 'b'],
    onAssignment: (owned) => told.push(Object.fromEntries(owned)),
  })
  return { membership, told }
}

test('each generation is another, and none is between two', () => {
  const { membership } = opened()
  expect(membership.generation).toBeNull()
  membership.begin({ a: [0] })
  const first = membership.generation
  membership.end(false)
  expect(membership.generation).toBeNull()
  membership.begin({ a: [0] })
  expect(membership.generation).not.toBe(first)
})

test('a change of ownership is told once, in order of the partitions, for every topic', () => {
  const { membership, told } = opened()
  membership.end(true)
  membership.begin({ a: [2, 0] })
  membership.end(false)
  membership.begin({ a: [0, 2] })
  membership.begin({ b: [1] })
  membership.end(true)
  membership.end(true)
  expect(told).toEqual([
    { a: [0, 2], b: [] },
    { a: [], b: [1] },
    { a: [], b: [] },
  ])
})

test('a rebalance is over when the next generation begins', () => {
  const { membership } = opened()
  membership.begin({ a: [0] })
  membership.noteRebalance()
  expect(membership.isRebalancing).toBe(true)
  membership.begin({ a: [0] })
  expect(membership.isRebalancing).toBe(false)
})
