import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { METRICS, metricOf } from '../../../consumers/signals/metric-table.ts'
import { unitValue } from '../../../consumers/signals/unit-value.ts'

const read = (name: string, value: number | null, label: string | null = null): number | null =>
  unitValue({ value, label }, metricOf(name))

describe('a declared metric', () => {
  test.each([
    ['stars', 4, 0.75],
    ['stars', 1, 0],
    ['user_feedback', 1, 1],
    ['user_feedback', 0, 0],
    ['user_feedback', -1, 0],
    ['ticket_reopened', 1, 0],
    ['edit_distance', 0.25, 0.75],
    ['retries', 3, 0],
    ['nps', 5, 0.5],
  ])('%s of %d is %d', (name, value, expected) => {
    expect(read(name, value)).toBeCloseTo(expected, 12)
  })

  test('outside its range is not read, unless a label says it', () => {
    expect(read('stars', 0)).toBeNull()
    expect(read('stars', 80)).toBeNull()
    expect(read('stars', 80, 'good')).toBe(1)
  })

  test('is one metric however its name is written', () => {
    expect(metricOf('User-Feedback')).toBe(METRICS['user_feedback'])
    expect(metricOf(' ticket reopened')).toBe(METRICS['ticket_reopened'])
    expect(metricOf('toString')).toBeNull()
  })

  test('for which less is better reads true and false the other way round, pass and fail as anywhere', () => {
    expect(read('ticket_reopened', null, 'true')).toBe(0)
    expect(read('ticket_reopened', null, 'pass')).toBe(1)
  })
})

describe('a metric that nobody declared', () => {
  test('is a number in [0, 1], higher better', () => {
    expect(read('politeness', 0.3)).toBe(0.3)
    expect(read('politeness', 7)).toBeNull()
  })

  test('is turned by a label that says the opposite of its number', () => {
    expect(read('politeness', 0.9, 'fail')).toBe(0)
    expect(read('politeness', 0.1, 'pass')).toBe(1)
    expect(read('politeness', 0.9, 'pass')).toBe(0.9)
  })

  test('is read by its label alone where there is no number', () => {
    expect(read('politeness', null, 'Thumbs Up')).toBe(1)
    expect(read('politeness', null, 'so-so')).toBeNull()
  })
})

test('whatever is read is in [0, 1] or not at all', () => {
  const names = fc.constantFrom('politeness', ...Object.keys(METRICS))
  const labels = fc.constantFrom(null, 'pass', 'no', 'so-so', 'true')
  fc.assert(
    fc.property(names, fc.option(fc.double()), labels, (name, value, label) => {
      const unit = read(name, value, label)
      expect(unit === null || (unit >= 0 && unit <= 1)).toBe(true)
    }),
  )
})
