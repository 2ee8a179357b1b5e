import { describe, expect, test } from 'vitest'
import { encodeTraces } from '../../../../pipeline/otlp/encode.ts'
import { blockStreamer } from '../../../../pipeline/writer/native/block-stream.ts'
import { spanBlock } from '../../../../pipeline/writer/native/span-block.ts'
import { anOtlpSpan, attribute, tracesWith } from '../../../support/an-otlp-span.ts'

const MIB = 1024 * 1024

const recordOf = (value: Uint8Array, offset: number) => ({
  topic: 'otlp_spans',
  partition: 0,
  offset: BigInt(offset),
  key: null,
  value,
  headers: {},
  timestampMs: 0,
})

const spanOf = (bytes: number): Uint8Array =>
  encodeTraces(tracesWith([anOtlpSpan({ attributes: [attribute('text', 'x'.repeat(bytes))] })]))

const records = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, i) => recordOf(spanOf(bytes), i))

describe('a stream of blocks', () => {
  test('holds one block at a time, however many records there are', () => {
    const { blocks, streamed } = blockStreamer(spanBlock()).open(records(40, 300_000))
    const memory = new Set<ArrayBufferLike>()
    let sent = 0
    for (let next = blocks.next(); next.done !== true; next = blocks.next()) {
      expect(next.value.byteLength).toBeLessThan(3 * MIB)
      memory.add(next.value.buffer)
      sent += next.value.byteLength
    }
    expect(sent).toBeGreaterThan(40 * 300_000)
    expect(streamed).toMatchObject({ records: 40, rows: 40, poison: [] })
    expect(memory.size).toBeLessThanOrEqual(4)
  })

  test('leaves a piece as it is until two more are drawn', () => {
    const { blocks } = blockStreamer(spanBlock()).open(records(40, 300_000))
    const first = blocks.next().value ?? Buffer.alloc(0)
    const copy = Buffer.from(first)
    blocks.next()
    blocks.next()
    expect(copy.equals(first)).toBe(true)
  })

  test('ends before its records where they become too many rows, and says of how many it was', () => {
    const many = Array.from({ length: 600 }, () => anOtlpSpan())
    const large = [attribute('a', 'x'.repeat(100_000))]
    const value = encodeTraces(tracesWith(many, large))
    const few = Array.from({ length: 10 }, (_, i) => recordOf(value, i))
    const { blocks, streamed } = blockStreamer(spanBlock()).open(few)
    while (blocks.next().done !== true);
    expect(streamed.records).toBeLessThan(10)
    expect(streamed.rows).toBe(streamed.records * 600)
  })

  test('sets apart what is no OTLP, and of nothing else makes no block', () => {
    const broken = recordOf(Buffer.from('0affffffff0f', 'hex'), 0)
    const streamer = blockStreamer(spanBlock())
    const { blocks, streamed } = streamer.open([broken])
    expect(blocks.next().done).toBe(true)
    expect(streamed.poison).toEqual([{ record: broken, error: expect.any(Error) }])
    const other = streamer.open([broken, recordOf(spanOf(10), 1)])
    expect(other.blocks.next().done).toBe(false)
    expect(other.streamed).toMatchObject({ records: 2, rows: 1 })
  })

  test('breaks off where its insert has failed, instead of ending as if it were whole', () => {
    const { blocks, abandon } = blockStreamer(spanBlock()).open(records(40, 300_000))
    blocks.next()
    abandon()
    expect(() => blocks.next()).toThrow()
  })
})
