import { expect, test } from 'vitest'
import { halvesOfLogs, halvesOfTraces, inParts } from '../../../deploy/import/in-parts.ts'
import { decodeTraces } from '../../../pipeline/otlp/decode.ts'
import { encodeTraces } from '../../../pipeline/otlp/encode.ts'
import type { Logs } from '../../../pipeline/otlp/otlp-types.ts'
import { anOtlpSpan, attribute, tracesWith } from '../../support/an-otlp-span.ts'

const spanOf = (number: number, bytes: number) =>
  anOtlpSpan({
    spanId: number.toString(16).padStart(16, '0'),
    attributes: [attribute('text', 'x'.repeat(bytes))],
  })
const partsOf = (spans: ReturnType<typeof spanOf>[]) =>
  inParts(tracesWith(spans), encodeTraces, halvesOfTraces)

test('a small request is one part', () => {
  const spans = [spanOf(1, 10), spanOf(2, 10)]
  expect(partsOf(spans)).toEqual([encodeTraces(tracesWith(spans))])
})

test('a large request comes in parts that a receiver takes, every span once and in order', () => {
  const spans = Array.from({ length: 37 }, (_, index) => spanOf(index + 1, 1_000_000))
  const parts = partsOf(spans)
  expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(5_000_000)
  const sent = parts.flatMap((part) =>
    decodeTraces(part).resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap((ofScope) => ofScope.spans.map(({ spanId }) => spanId)),
    ),
  )
  expect(sent).toEqual(spans.map(({ spanId }) => spanId))
})

test('resources that have no span in a part do not weigh on it', () => {
  const many = Array.from({ length: 20 }, (_, index) =>
    tracesWith([spanOf(index + 1, 10)], [attribute('large', 'x'.repeat(1_000_000))]),
  )
  const request = { resourceSpans: many.flatMap(({ resourceSpans }) => resourceSpans) }
  const parts = inParts(request, encodeTraces, halvesOfTraces)
  expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(5_000_000)
  expect(parts.flatMap((part) => decodeTraces(part).resourceSpans)).toHaveLength(20)
})

test('a span that is too large alone is left to the receiver to refuse', () => {
  expect(partsOf([spanOf(1, 6_000_000)])).toHaveLength(1)
})

test('log records are halved as spans are', () => {
  const logs = (...names: string[]): Logs => ({
    resourceLogs: names.map((schemaUrl) => ({
      resource: { attributes: [], droppedAttributesCount: 0 },
      schemaUrl,
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
              body: { kind: 'empty' },
              attributes: [],
              droppedAttributesCount: 0,
              flags: 0,
              traceId: '',
              spanId: '',
              eventName: schemaUrl,
            },
          ],
        },
      ],
    })),
  })
  const namesOf = ({ resourceLogs }: Logs): string[] =>
    resourceLogs.flatMap(({ scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ eventName }) => eventName)),
    )
  expect(halvesOfLogs(logs('a', 'b', 'c')).map(namesOf)).toEqual([['a', 'b'], ['c']])
  expect(halvesOfLogs(logs('a'))).toEqual([])
})
