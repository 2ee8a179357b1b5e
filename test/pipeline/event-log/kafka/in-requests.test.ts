import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inRequests } from '../../../../pipeline/event-log/kafka/in-requests.ts'
import { aRecord } from '../../../support/log-reading.ts'

const record = fc.record({
  topic: fc.constantFrom('a', 'b'),
  bytes: fc.integer({ min: 0, max: 700_000 }),
})

test('runs keep every record in order, and no run has more of a topic than its batch takes', () => {
  fc.assert(
    fc.property(fc.array(record), fc.integer({ min: 1000, max: 2_000_000 }), (given, limit) => {
      const records = given.map(({ topic, bytes }) =>
        aRecord(topic, { value: Buffer.alloc(bytes) }),
      )
      const runs = [...inRequests(records, (topic) => (topic === 'a' ? limit : 1_000_000))]
      expect(runs.flat()).toEqual(records)
      for (const run of runs.filter(({ length }) => length > 1)) {
        const bytesOf = (topic: string): number =>
          run
            .filter((one) => one.topic === topic)
            .reduce((sum, { value }) => sum + value.byteLength, 0)
        expect(bytesOf('a')).toBeLessThanOrEqual(limit)
        expect(bytesOf('a') + bytesOf('b')).toBeLessThanOrEqual(1024 * 1024)
      }
    }),
    { numRuns: 50 },
  )
})

test('nothing needs no request', () => {
  expect([...inRequests([], () => 1000)]).toEqual([])
})
