import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import {
  lz4Compress,
  lz4Decompress,
  snappyCompress,
  snappyDecompress,
} from '@platformatic/wasm-utils'
import kafkajs from 'kafkajs'

const { CompressionTypes, CompressionCodecs } = kafkajs

/** kafkajs hands its encoder to `compress`; what it wrote lies in `buffer`. */
interface Encoded {
  readonly buffer: Buffer
}

interface Codec {
  compress(encoder: Encoded): Promise<Buffer>
  decompress(data: Buffer): Promise<Buffer>
}

const zstd: Codec = {
  compress: ({ buffer }) => promisify(zstdCompress)(buffer),
  decompress: (data) => promisify(zstdDecompress)(data),
}

const lz4: Codec = {
  compress: async ({ buffer }) => lz4Compress(buffer),
  decompress: async (data) => lz4Decompress(data),
}

const snappy: Codec = {
  compress: async ({ buffer }) => snappyCompress(buffer),
  decompress: async (data) =>
    data.subarray(0, XERIAL.length).equals(XERIAL) ? unframed(data) : snappyDecompress(data),
}

/** Magic of snappy-java's stream, which Java's client writes: 16 bytes of header, then blocks with their length before. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER_BYTES = 16

const unframed = (data: Buffer): Buffer => {
  const blocks: Buffer[] = []
  for (let at = XERIAL_HEADER_BYTES; at < data.length; ) {
    const end = at + 4 + data.readUInt32BE(at)
    blocks.push(snappyDecompress(data.subarray(at + 4, end)))
    at = end
  }
  return Buffer.concat(blocks)
}

/** kafkajs reads gzip alone; what others write (Java clients, the Collector) may have any of Kafka's four codecs. */
export const registerCodecs = (): void => {
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstd
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4
  CompressionCodecs[CompressionTypes.Snappy] = () => snappy
}
