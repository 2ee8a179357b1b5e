import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { encodeTraces } from '../../pipeline/otlp/encode.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { blockStreamer } from '../../pipeline/writer/native/block-stream.ts'
import { spanBlock } from '../../pipeline/writer/native/span-block.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import { anOtlpSpan, attribute, tracesWith } from '../support/an-otlp-span.ts'

/** What every trace store promises of blocks in the Native format. */
export const describeBlocks = (store: () => TraceStore): void => {
  describe('blocks', () => {
    test('a block in the Native format gives the rows that objects give, and its token counts once', async () => {
      const block = spanBlock()
      const name = `it's a \\ \u0000 😀`
      const traceId = randomBytes(16).toString('hex')
      block.add({
        ...{
          topic: 'otlp_spans',
          partition: 0,
          offset: 0n,
          key: null,
          headers: {},
          timestampMs: 0,
        },
        value: encodeTraces(tracesWith([anOtlpSpan({ traceId, name })])),
      })
      const rows = { columns: block.columns, chunks: block.chunks() }
      await store().insert('otel_traces', rows, `it's \\ ${traceId}`)
      await store().insert('otel_traces', rows, `it's \\ ${traceId}`)
      const [row, ...more] = await store().query(
        'SELECT SpanName, SpanKind, Duration, ResourceAttributes FROM otel_traces WHERE TraceId = {traceId: String}',
        { traceId },
      )
      expect(more).toEqual([])
      expect(row).toEqual({
        SpanName: name,
        SpanKind: 'Client',
        Duration: '1500000000',
        ResourceAttributes: { 'service.name': 'shop' },
      })
    })

    test('blocks of a stream become one part of the table, and their token counts once', async () => {
      const traceId = randomBytes(16).toString('hex')
      const spans = Array.from({ length: 4000 }, (_, i) =>
        anOtlpSpan({
          traceId,
          spanId: `${i + 1}`.padStart(16, '0'),
          attributes: [attribute('text', `${i}`.repeat(500))],
        }),
      )
      const records = Array.from({ length: 40 }, (_, i) => ({
        ...{ topic: 'otlp_spans', partition: 0, offset: BigInt(i), key: null, headers: {} },
        timestampMs: 0,
        value: encodeTraces(tracesWith(spans.slice(i * 100, (i + 1) * 100))),
      }))
      const streamer = blockStreamer(spanBlock())
      let drawn = 0
      const insert = async (): Promise<void> => {
        const { blocks } = streamer.open(records)
        const chunks = {
          *[Symbol.iterator]() {
            for (let next = blocks.next(); next.done !== true; next = blocks.next()) {
              drawn += 1
              yield next.value
            }
          },
        }
        await store().insert('otel_traces', { columns: streamer.columns, chunks }, traceId)
      }
      await insert()
      expect(drawn).toBeGreaterThan(3)
      await insert()
      const [row] = await store().query(
        `SELECT count() AS n, uniqExact(SpanId) AS spans, uniqExact(_part) AS parts,
          countIf(SpanAttributes['text'] != repeat(toString(toUInt32(SpanId) - 1), 500)) AS wrong
        FROM otel_traces WHERE TraceId = {traceId: String}`,
        { traceId },
      )
      expect(row).toEqual({ n: '4000', spans: '4000', parts: '1', wrong: '0' })
    })

    test('a block that the table does not take is refused', async () => {
      const rows = { columns: ['Nothing'], chunks: [Buffer.from('what')] }
      await expect(store().insert('otel_traces', rows)).rejects.toThrow(InvalidInputError)
    })
  })
}
