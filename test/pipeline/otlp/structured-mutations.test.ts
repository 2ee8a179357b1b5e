import { expect, test } from 'vitest'
import { fieldsOf } from '../../support/fuzz/protobuf-fields.ts'
import { runFuzz } from '../../support/fuzz/run-fuzz.ts'

const PAYLOADS = 10_000
/** Some seconds of work, where others have the processors too. */
const LIMIT_MS = 120_000

test(
  'ten thousand payloads with broken structure crash no reader and fill no memory',
  () => {
    const { payloads, read, refused } = runFuzz(PAYLOADS)
    expect(payloads.protobuf + payloads.json).toBe(PAYLOADS)
    // Neither only what is refused at the first byte, nor only what nobody notices.
    expect(read).toBeGreaterThan(PAYLOADS / 2)
    expect(refused).toBeGreaterThan(PAYLOADS / 2)
  },
  LIMIT_MS,
)

test('mutations find the fields of nested messages', () => {
  const bytes = Buffer.from('0a06120408011a00', 'hex')
  expect(fieldsOf(bytes).map(({ start, end, wireType }) => [start, end, wireType])).toEqual([
    [0, 8, 2],
    [2, 8, 2],
    [4, 6, 0],
    [6, 8, 2],
  ])
})
