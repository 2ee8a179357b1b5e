import kafkajs from 'kafkajs'
import { expect, test } from 'vitest'
import { registerCodecs } from '../../../../pipeline/event-log/kafka/codecs.ts'

const { CompressionCodecs, CompressionTypes } = kafkajs

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>
  decompress(data: Buffer): Promise<Buffer>
}

test.each(['Snappy', 'LZ4', 'ZSTD'] as const)('%s gives back what it was given', async (name) => {
  registerCodecs()
  const codec = (CompressionCodecs[CompressionTypes[name]] as () => Codec)()
  for (const text of ['', 'a', 'abc '.repeat(50_000)]) {
    const buffer = Buffer.from(text)
    const compressed = await codec.compress({ buffer })
    expect((await codec.decompress(compressed)).equals(buffer)).toBe(true)
  }
})
