import fc from 'fast-check'
import { type Message, Partitioners } from 'kafkajs'
import { expect, test } from 'vitest'
import { kafkaMurmurHash, murmur2, partitionOfKey } from '../../../pipeline/event-log/murmur2.ts'

const text = new TextEncoder()

test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])("the hash of '%s' is the one that Kafka publishes in its tests", (key, hash) => {
  expect(murmur2(text.encode(key))).toBe(hash)
})

test('a hash without its sign is a non-negative integer below 2^31', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (key) => {
      const hash = kafkaMurmurHash(key)
      expect(hash).toBe(murmur2(text.encode(key)) & 0x7fffffff)
      expect(hash).toBeGreaterThanOrEqual(0)
    }),
  )
})

test('a key goes where another client with the partitioner of Java sends it', () => {
  const choose = Partitioners.DefaultPartitioner()
  const partition = { partitionErrorCode: 0, leader: 1, replicas: [1], isr: [1] }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 64 }), (key, count) => {
      const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
        ...partition,
        partitionId,
      }))
      const message: Message = { key, value: null }
      expect(partitionOfKey(key, count)).toBe(choose({ topic: 't', partitionMetadata, message }))
    }),
    { numRuns: 2000 },
  )
})

test('bytes inside a larger buffer hash like a copy of them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8 }), fc.nat(7), (bytes, from) => {
      expect(murmur2(bytes.subarray(from))).toBe(murmur2(Uint8Array.from(bytes.slice(from))))
    }),
  )
})
