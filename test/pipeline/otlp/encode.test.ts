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
import type { AnyValue, Logs } from '../../../pipeline/otlp/otlp-types.ts'
import { InvalidInputError } from '../../../schemas/errors.ts'
import { anyLogs, anyTraces } from '../../support/arbitrary-otlp.ts'

const jsonBytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

describe('what is encoded', () => {
  test('decodes from protobuf to the same traces', () => {
    fc.assert(
      fc.property(anyTraces, (traces) => {
        expect(decodeTraces(encodeTraces(traces))).toStrictEqual(traces)
      }),
    )
  })

  test('decodes from protobuf to the same logs', () => {
    fc.assert(
      fc.property(anyLogs, (logs) => {
        expect(decodeLogs(encodeLogs(logs))).toStrictEqual(logs)
      }),
    )
  })

  test('decodes from JSON to the same traces', () => {
    fc.assert(
      fc.property(anyTraces, (traces) => {
        const decoded = decodeTracesJson(jsonBytes(tracesToJson(traces)))
        // JSON has no negative zero of its own.
        expect(encodeTraces(decoded)).toEqual(encodeTraces(withoutNegativeZero(traces)))
      }),
    )
  })

  test('decodes from JSON to the same logs', () => {
    fc.assert(
      fc.property(anyLogs, (logs) => {
        const decoded = decodeLogsJson(jsonBytes(logsToJson(logs)))
        expect(encodeLogs(decoded)).toEqual(encodeLogs(withoutNegativeZero(logs)))
      }),
    )
  })

  test('is refused when a value is nested deeper than a decoder accepts', () => {
    expect(() => encodeLogs(logsWithBody(nested(64)))).not.toThrow()
    expect(() => encodeLogs(logsWithBody(nested(65)))).toThrow(InvalidInputError)
  })
})

const withoutNegativeZero = <T>(value: T): T => {
  if (Object.is(value, -0)) return 0 as T
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withoutNegativeZero) as T
  const entries = Object.entries(value).map(([key, item]) => [key, withoutNegativeZero(item)])
  return Object.fromEntries(entries) as T
}

const nested = (levels: number): AnyValue =>
  levels === 1 ? { kind: 'empty' } : { kind: 'array', values: [nested(levels - 1)] }

const logsWithBody = (body: AnyValue): Logs => ({
  resourceLogs: [
    {
      resource: { attributes: [], droppedAttributesCount: 0 },
      schemaUrl: '',
      scopeLogs: [
        {
          scope: { name: '', version: '', attributes: [], droppedAttributesCount: 0 },
          schemaUrl: '',
          logRecords: [
            {
              timeUnixNano: 0n,
              observedTimeUnixNano: 0n,
              severityNumber: 0,
              severityText: '',
              body,
              attributes: [],
              droppedAttributesCount: 0,
              flags: 0,
              traceId: '',
              spanId: '',
              eventName: '',
            },
          ],
        },
      ],
    },
  ],
})
