import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeLogs, encodeTraces } from '../../../../pipeline/otlp/encode.ts'
import type { KeyValue } from '../../../../pipeline/otlp/otlp-types.ts'
import type { Block } from '../../../../pipeline/writer/native/block.ts'
import { logBlock } from '../../../../pipeline/writer/native/log-block.ts'
import { spanBlock } from '../../../../pipeline/writer/native/span-block.ts'
import { InvalidInputError } from '../../../../schemas/errors.ts'
import { TOPICS } from '../../../../schemas/topics.ts'
import {
  anOtlpLog,
  anOtlpSpan,
  attribute,
  logsWith,
  tracesWith,
} from '../../../support/an-otlp-span.ts'
import { anyLogs, anyTraces } from '../../../support/arbitrary-otlp.ts'
import { everyLogs, everyTraces } from '../../../support/every-otlp.ts'
import { openTestContext, type TestContext } from '../../../support/open-test-context.ts'
import { logRows } from '../../../support/otlp-rows/log-rows.ts'
import type { RecordRows } from '../../../support/otlp-rows/record-rows.ts'
import { spanRows } from '../../../support/otlp-rows/span-rows.ts'

// The mapping by way of objects (test/support/otlp-rows) is slow and easy to read; the columns have to say the same.
interface Signal {
  readonly topic: string
  readonly table: string
  readonly open: () => Block
  readonly reference: (value: Uint8Array, position: string) => RecordRows
  readonly every: () => readonly Uint8Array[]
  readonly any: fc.Arbitrary<Uint8Array>
}

const SEED = 20_261_124

const SIGNALS: readonly Signal[] = [
  {
    topic: TOPICS.spans.name,
    table: 'otel_traces',
    open: spanBlock,
    reference: (value) => spanRows(value),
    every: () => everyTraces(40, SEED).map(encodeTraces),
    any: anyTraces.map(encodeTraces),
  },
  {
    topic: TOPICS.logs.name,
    table: 'otel_logs',
    open: logBlock,
    reference: logRows,
    every: () => everyLogs(40, SEED).map(encodeLogs),
    any: anyLogs.map(encodeLogs),
  },
]

let context: TestContext
beforeAll(async () => {
  context = await openTestContext()
  for (const { table } of SIGNALS)
    for (const side of ['expected', 'actual'])
      await context.store.command(
        `CREATE TABLE ${table}_${side} ENGINE = MergeTree ORDER BY tuple() AS SELECT * FROM ${table} LIMIT 0`,
      )
})
afterAll(() => context.close())

const MARKED: readonly KeyValue[] = [
  { key: 'neosigma.internal', value: { kind: 'bool', value: true } },
  { key: 'neosigma.evaluation', value: { kind: 'int', value: 1n } },
]
const NOT_MARKED = MARKED.map(
  ({ key }) => ({ key, value: { kind: 'bool', value: false } }) as const,
)

test('what is marked as NeoSigma’s own, and what is too large, is left out alike', async () => {
  const [spans, logs] = SIGNALS
  const large = [attribute('a', 'x'.repeat(100_000))]
  const many = Array.from({ length: 2000 }, () => anOtlpSpan())
  const of = [
    tracesWith([anOtlpSpan({ attributes: MARKED }), anOtlpSpan({ attributes: NOT_MARKED })]),
    tracesWith([anOtlpSpan()], [attribute('neosigma.evaluation', '1'), ...MARKED]),
    tracesWith(many, large),
    tracesWith([anOtlpSpan({ attributes: [attribute('neosigma.internal', 'yes')] })]),
  ]
  const lines = [
    logsWith([anOtlpLog({ attributes: MARKED }), anOtlpLog(), anOtlpLog()]),
    logsWith([anOtlpLog()], [attribute('neosigma.internal', 'true')]),
  ]
  if (spans !== undefined)
    expect(await bothInsert(spans, spans.open(), of.map(encodeTraces))).toBe(2)
  if (logs !== undefined) expect(await bothInsert(logs, logs.open(), lines.map(encodeLogs))).toBe(2)
})

const recordOf = (topic: string, value: Uint8Array, place: number) => ({
  topic,
  partition: 0,
  offset: BigInt(place),
  key: null,
  value,
  headers: {},
  timestampMs: 0,
})

/** What both make of the same bytes: how many rows of each record, or the code of the error. */
const outcome = (act: () => { readonly rows: unknown; readonly diverted: unknown }): unknown => {
  try {
    const { rows, diverted } = act()
    return { rows: Array.isArray(rows) ? rows.length : rows, diverted }
  } catch (error) {
    if (error instanceof InvalidInputError) return error.code
    throw error
  }
}

const bothInsert = async (signal: Signal, block: Block, values: readonly Uint8Array[]) => {
  const { table, topic, reference } = signal
  block.clear()
  const rows: object[] = []
  values.forEach((value, i) => {
    const expected = outcome(() => {
      const mapped = reference(value, `${topic}:0:${i}`)
      rows.push(...mapped.rows)
      return mapped
    })
    expect(outcome(() => block.add(recordOf(topic, value, i)))).toEqual(expected)
  })
  for (const side of ['expected', 'actual'])
    await context.store.command(`TRUNCATE TABLE ${table}_${side}`)
  await context.store.insert(`${table}_expected`, rows)
  if (block.rowCount > 0)
    await context.store.insert(`${table}_actual`, {
      columns: block.columns,
      chunks: block.chunks(),
    })
  const select = (side: string) => context.store.query(`SELECT * FROM ${table}_${side}`)
  const actual = await select('actual')
  expect(actual).toEqual(await select('expected'))
  return actual.length
}

test.each(SIGNALS)('every kind of value gives the same row of $table', async (signal) => {
  expect(await bothInsert(signal, signal.open(), signal.every())).toBeGreaterThan(30)
})

test.each(SIGNALS)('any OTLP gives the same rows of $table, block after block', async (signal) => {
  const block = signal.open()
  await fc.assert(
    fc.asyncProperty(fc.array(signal.any, { minLength: 3, maxLength: 20 }), async (values) => {
      await bothInsert(signal, block, values)
    }),
    { numRuns: 15 },
  )
})

const mutated = (any: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      any,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(9),
    )
    .map(([value, changes, cut]) => {
      const bytes = Buffer.from(value)
      for (const [place, byte] of changes) if (bytes.length > 0) bytes[place % bytes.length] = byte
      return bytes.subarray(0, cut === 0 ? bytes.length >> 1 : bytes.length)
    })

test.each(SIGNALS)(
  'broken bytes are refused alike, without a trace in $table, or read alike',
  async (signal) => {
    const block = signal.open()
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutated(signal.any), { minLength: 100, maxLength: 300 }),
        async (values) => {
          await bothInsert(signal, block, values)
        },
      ),
      { numRuns: 10 },
    )
  },
)
