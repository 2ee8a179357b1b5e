import { expect, test } from 'vitest'
import { compareTopics } from '../../../../deploy/cli/topics/compare-topics.ts'

const spec = { name: 'a', partitions: 12, retentionHours: 72 }
const state = { ...spec, isCompacted: false, maxRecordBytes: 1000 }

test('topics that are as they should be, or take more than is needed, do not differ', () => {
  expect(compareTopics([spec], [state], 1000)).toEqual([])
  expect(compareTopics([spec], [{ ...state, maxRecordBytes: 2000 }], 1000)).toEqual([])
})

test('a missing topic is named, and one that nobody asked for is not', () => {
  const found = [{ ...state, name: 'other' }]
  expect(compareTopics([spec], found, 1000)).toEqual([
    { topic: 'a', what: 'topic', wanted: '12 partitions, kept 72 h', found: 'missing' },
  ])
})

test('every difference of a topic is named', () => {
  const found = { ...spec, partitions: 3, retentionHours: null, isCompacted: true }
  expect(compareTopics([spec], [{ ...found, maxRecordBytes: 500 }], 1000)).toEqual([
    { topic: 'a', what: 'partitions', wanted: '12', found: '3' },
    { topic: 'a', what: 'retention', wanted: '72 h', found: 'for ever' },
    { topic: 'a', what: 'compaction', wanted: 'off', found: 'on' },
    { topic: 'a', what: 'record size', wanted: '1000 bytes', found: '500 bytes' },
  ])
})

test('a setting that may not be read differs', () => {
  const found = { ...state, maxRecordBytes: Number.NaN }
  expect(compareTopics([spec], [found], 1000)).toHaveLength(1)
})
