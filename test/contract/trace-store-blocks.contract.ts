import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { encodeTraces } from '../../pipeline/otlp/encode.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { spanBlock } from '../../pipeline/writer/native/span-block.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import { anOtlpSpan, tracesWith } from '../support/an-otlp-span.ts'

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
      await store().insert('otel_traces', block.rows(), `it's \\ ${traceId}`)
      await store().insert('otel_traces', block.rows(), `it's \\ ${traceId}`)
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

    test('a block that the table does not take is refused, and an empty one is nothing', async () => {
      const block = spanBlock()
      await store().insert('otel_traces', block.rows())
      const rows = { columns: ['Nothing'], rows: 1, chunks: [Buffer.from('what')] }
      await expect(store().insert('otel_traces', rows)).rejects.toThrow(InvalidInputError)
    })
  })
}
