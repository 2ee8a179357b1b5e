import { InvalidInputError } from '../../schemas/errors.ts'

/** Protobuf wire types in use. Groups (3, 4) are refused: proto3 has none. */
export const VARINT = 0
export const FIXED64 = 1
export const DELIMITED = 2
export const FIXED32 = 5
export type WireType = typeof VARINT | typeof FIXED64 | typeof DELIMITED | typeof FIXED32

/**
 * A cursor over the bytes of one message; `end` moves in and out with nested messages.
 * `memory` is what decoding may still allocate: empty nested messages take two bytes on the wire and a hundred in memory,
 * so a small body could otherwise fill the heap.
 */
export interface WireReader {
  readonly bytes: Buffer
  readonly view: DataView
  position: number
  end: number
  depth: number
  memory: number
}

/** Real telemetry takes at most 10 bytes of objects per byte on the wire; small requests get a fixed allowance. */
const MEMORY_PER_BYTE = 16
const MEMORY_ALLOWANCE = 65_536

export const wireReader = (bytes: Uint8Array): WireReader => ({
  bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  position: 0,
  end: bytes.byteLength,
  depth: 0,
  memory: MEMORY_ALLOWANCE + bytes.byteLength * MEMORY_PER_BYTE,
})

export const malformed = (reader: WireReader, problem: string): InvalidInputError =>
  new InvalidInputError('payload-malformed', `${problem} at byte ${reader.position} of protobuf`)

const need = (reader: WireReader, count: number): number => {
  const start = reader.position
  if (count > reader.end - start) throw malformed(reader, 'the message is truncated')
  reader.position = start + count
  return start
}

/** A varint as two unsigned halves in one bigint is slow; most are small, so small ones take the number path. */
const readVarintTail = (reader: WireReader): bigint => {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[need(reader, 1)] ?? 0
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return value
  }
  throw malformed(reader, 'a varint is longer than 10 bytes')
}

const SMALL_VARINT_BYTES = 4

/** The value where it fits into four varint bytes, else null with the cursor where it was. */
export const readSmallVarint = (reader: WireReader): number | null => {
  const start = reader.position
  let value = 0
  for (let i = 0; i < SMALL_VARINT_BYTES && start + i < reader.end; i += 1) {
    const byte = reader.bytes[start + i] ?? 0
    value |= (byte & 0x7f) << (7 * i)
    if (byte < 0x80) {
      reader.position = start + i + 1
      return value
    }
  }
  return null
}

/** int64: the 64 bits in two's complement. */
export const readInt64 = (reader: WireReader): bigint => {
  const small = readSmallVarint(reader)
  return small === null ? BigInt.asIntN(64, readVarintTail(reader)) : BigInt(small)
}

/** uint32: the lower 32 bits, as protobuf prescribes. */
export const readUint32 = (reader: WireReader): number =>
  readSmallVarint(reader) ?? Number(BigInt.asUintN(32, readVarintTail(reader)))

/** int32 and open enums. */
export const readInt32 = (reader: WireReader): number =>
  readSmallVarint(reader) ?? Number(BigInt.asIntN(32, readVarintTail(reader)))

export const readBool = (reader: WireReader): boolean =>
  Number(readSmallVarint(reader) ?? readVarintTail(reader)) !== 0

export const readFixed64 = (reader: WireReader): bigint =>
  reader.view.getBigUint64(need(reader, 8), true)

export const readFixed32 = (reader: WireReader): number =>
  reader.view.getUint32(need(reader, 4), true)

export const readDouble = (reader: WireReader): number =>
  reader.view.getFloat64(need(reader, 8), true)

/** The bytes in place, without a copy: valid as long as the payload is. */
export const readBytes = (reader: WireReader): Buffer => {
  const length = readUint32(reader)
  const start = need(reader, length)
  return reader.bytes.subarray(start, start + length)
}

/** Goes past a text or bytes and answers their length: they end where the reader stands. */
export const passDelimited = (reader: WireReader): number => {
  const length = readUint32(reader)
  need(reader, length)
  return length
}

/** Goes past a fixed64 and answers where it begins. */
export const passFixed64 = (reader: WireReader): number => need(reader, 8)

/** Invalid UTF-8 becomes U+FFFD; a byte order mark stays. */
export const readString = (reader: WireReader): string => {
  const length = readUint32(reader)
  const start = need(reader, length)
  return length === 0 ? '' : reader.bytes.toString('utf8', start, start + length)
}

export const readTag = (reader: WireReader): number => {
  const tag = readUint32(reader)
  if (tag >>> 3 === 0) throw malformed(reader, 'field number 0')
  return tag
}

export const skipField = (reader: WireReader, wireType: number): void => {
  switch (wireType) {
    case VARINT:
      readInt64(reader)
      return
    case FIXED64:
      need(reader, 8)
      return
    case DELIMITED:
      need(reader, readUint32(reader))
      return
    case FIXED32:
      need(reader, 4)
      return
    default:
      throw malformed(reader, `unknown wire type ${wireType}`)
  }
}

/** Narrows the reader to the nested message that follows; `leave` with the returned end widens it again. */
export const enter = (reader: WireReader): number => {
  const length = readUint32(reader)
  const outer = reader.end
  if (length > outer - reader.position) throw malformed(reader, 'the message is truncated')
  reader.end = reader.position + length
  return outer
}

export const leave = (reader: WireReader, outer: number): void => {
  reader.end = outer
}
