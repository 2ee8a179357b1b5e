import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeLogs, encodeTraces } from '../../../pipeline/otlp/encode.ts'
import { anyLogs, anyTraces } from '../../support/arbitrary-otlp.ts'
import { openTestContext, type TestContext } from '../../support/open-test-context.ts'
import { logRows } from '../../support/otlp-rows/log-rows.ts'
import { spanRows } from '../../support/otlp-rows/span-rows.ts'

let context: TestContext
beforeAll(async () => {
  context = await openTestContext()
})
afterAll(() => context.close())

test('the store takes the rows of any OTLP traces', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyTraces, { minLength: 5, maxLength: 20 }), async (requests) => {
      const rows = requests.flatMap((traces) => spanRows(encodeTraces(traces)).rows)
      await context.store.insert('otel_traces', rows)
    }),
    { numRuns: 8 },
  )
})

test('the store takes the rows of any OTLP logs, and counts each', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyLogs, { minLength: 5, maxLength: 20 }), async (requests) => {
      const rows = requests.flatMap((logs) => logRows(encodeLogs(logs), `p:${count++}`).rows)
      const before = await stored()
      await context.store.insert('otel_logs', rows)
      expect((await stored()) - before).toBe(rows.length)
    }),
    { numRuns: 8 },
  )
})

const stored = async (): Promise<number> => {
  const [row] = await context.store.query<{ readonly n: string }>(
    'SELECT count() AS n FROM otel_logs FINAL',
  )
  return Number(row?.n)
}
