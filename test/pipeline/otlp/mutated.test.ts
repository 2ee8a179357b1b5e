import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeLogs,
  decodeLogsJson,
  decodeTraces,
  decodeTracesJson,
} from '../../../pipeline/otlp/decode.ts'
import {
  encodeLogs,
  encodeTraces,
  logsToJson,
  tracesToJson,
} from '../../../pipeline/otlp/encode.ts'
import { splitLogs, splitTraces } from '../../../pipeline/receiver/split-by-trace.ts'
import { InvalidInputError } from '../../../schemas/errors.ts'
import { anyLogs, anyTraces } from '../../support/arbitrary-otlp.ts'
import { logRows } from '../../support/otlp-rows/log-rows.ts'
import { spanRows } from '../../support/otlp-rows/span-rows.ts'

const MOST_BYTES = 40 * 1024 * 1024

type Mutation =
  | { readonly kind: 'set'; readonly at: number; readonly byte: number }
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number }

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const length = fc.nat({ max: 40 })
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: place, byte: fc.nat({ max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: place, length }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: place,
    bytes: fc.uint8Array({ maxLength: 12 }),
  }),
  fc.record({ kind: fc.constant('repeat' as const), at: place, length }),
)
const mutations = fc.array(mutation, { minLength: 1, maxLength: 6 })

const mutate = (bytes: Buffer, change: Mutation): Buffer => {
  const at = Math.floor(change.at * bytes.length)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (change.kind) {
    case 'set':
      return Buffer.concat([before, Buffer.of(change.byte), after.subarray(1)])
    case 'cut':
      return Buffer.concat([before, after.subarray(change.length)])
    case 'insert':
      return Buffer.concat([before, change.bytes, after])
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, change.length), after])
  }
}

const mutated = (bytes: Uint8Array, changes: readonly Mutation[]): Buffer =>
  changes.reduce(mutate, Buffer.from(bytes))

/** Whatever the bytes are: a result, or the sender's fault; nothing else. */
const survives = (act: () => unknown): void => {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError)
  }
}

describe('mutated payloads crash nothing', () => {
  const runs = { numRuns: 1500 }

  test('as traces in protobuf', () => {
    fc.assert(
      fc.property(anyTraces, mutations, (traces, changes) => {
        const bytes = mutated(encodeTraces(traces), changes)
        survives(() => splitTraces(bytes, MOST_BYTES))
        survives(() => JSON.stringify(spanRows(bytes)))
      }),
      runs,
    )
  })

  test('as logs in protobuf', () => {
    fc.assert(
      fc.property(anyLogs, mutations, (logs, changes) => {
        const bytes = mutated(encodeLogs(logs), changes)
        survives(() => splitLogs(bytes, MOST_BYTES))
        survives(() => JSON.stringify(logRows(bytes, 'p')))
      }),
      runs,
    )
  })

  test('as traces in JSON', () => {
    fc.assert(
      fc.property(anyTraces, mutations, (traces, changes) => {
        const bytes = mutated(Buffer.from(JSON.stringify(tracesToJson(traces))), changes)
        survives(() => splitTraces(encodeTraces(decodeTracesJson(bytes)), MOST_BYTES))
      }),
      runs,
    )
  })

  test('as logs in JSON', () => {
    fc.assert(
      fc.property(anyLogs, mutations, (logs, changes) => {
        const bytes = mutated(Buffer.from(JSON.stringify(logsToJson(logs))), changes)
        survives(() => splitLogs(encodeLogs(decodeLogsJson(bytes)), MOST_BYTES))
      }),
      runs,
    )
  })

  test('nor do bytes that never were a payload', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        survives(() => decodeTraces(bytes))
        survives(() => decodeLogs(bytes))
        survives(() => decodeTracesJson(bytes))
        survives(() => decodeLogsJson(bytes))
      }),
      { numRuns: 3000 },
    )
  })
})
