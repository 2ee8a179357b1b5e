import { expect, test } from 'vitest'
import { endOfInsert } from '../../../pipeline/writer/cut-inserts.ts'
import { insertToken } from '../../../pipeline/writer/insert-records.ts'

const MIB = 1024 * 1024
const small = Buffer.from('a')

const recordAt = (offset: number, value: Uint8Array = small, timestampMs = 0) => ({
  topic: 'otlp_spans',
  partition: 3,
  offset: BigInt(offset),
  key: null,
  value,
  headers: {},
  timestampMs,
})

const recordsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => recordAt(first + i))

test('an insert ends before a multiple of 5,000 offsets, wherever it began', () => {
  expect(endOfInsert(recordsFrom(4990, 30), 0)).toBe(10)
  expect(endOfInsert(recordsFrom(4990, 30), 10)).toBe(30)
  expect(endOfInsert(recordsFrom(0, 5000), 0)).toBe(5000)
})

test('an insert takes as much as it may hold, and a single record always', () => {
  const large = Buffer.alloc(20 * MIB)
  const records = [recordAt(0, large), recordAt(1, large), recordAt(2, Buffer.alloc(60 * MIB))]
  expect(endOfInsert(records, 0)).toBe(2)
  expect(endOfInsert(records, 1)).toBe(2)
  expect(endOfInsert(records, 2)).toBe(3)
})

test('the token names the place, and tells another log at the same place apart', () => {
  const records = recordsFrom(7, 3)
  expect(insertToken(records)).toMatch(/^otlp_spans:3:7-9:[\da-f]{16}$/)
  expect(insertToken(recordsFrom(7, 3))).toBe(insertToken(records))
  const other = [...records.slice(0, 2), recordAt(9, Buffer.from('b'))]
  const later = [...records.slice(0, 2), recordAt(9, small, 1)]
  expect(new Set([records, other, later].map(insertToken)).size).toBe(3)
})
