import { expect, test } from 'vitest'
import { runFuzz } from '../support/fuzz/run-fuzz.ts'

const PAYLOADS = 120_000
/** Forty seconds of work, where others have the processors too. */
const LIMIT_MS = 900_000

test(
  'a hundred and twenty thousand payloads with broken structure crash no reader and fill no memory',
  () => {
    const { payloads, read, refused } = runFuzz(PAYLOADS)
    process.stderr.write(
      `${payloads.protobuf} in protobuf, ${payloads.json} in JSON: ${read} readings, ${refused} refusals\n`,
    )
    expect(payloads.protobuf + payloads.json).toBe(PAYLOADS)
  },
  LIMIT_MS,
)
