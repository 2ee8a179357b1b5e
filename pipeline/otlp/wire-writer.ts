import type { WireType } from './wire-reader.ts'

/** A buffer that grows. Strings with lone surrogates are written with U+FFFD. */
export interface WireWriter {
  bytes: Buffer
  view: DataView
  position: number
  depth: number
}

const FIRST_BYTES = 1024

export const wireWriter = (): WireWriter => {
  const bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  return { bytes, view: new DataView(bytes.buffer), position: 0, depth: 0 }
}

export const finish = (writer: WireWriter): Uint8Array => writer.bytes.subarray(0, writer.position)

const reserve = (writer: WireWriter, count: number): number => {
  const start = writer.position
  const wanted = start + count
  if (wanted > writer.bytes.length) {
    const bytes = Buffer.allocUnsafeSlow(Math.max(wanted, writer.bytes.length * 2))
    writer.bytes.copy(bytes, 0, 0, start)
    writer.bytes = bytes
    writer.view = new DataView(bytes.buffer)
  }
  writer.position = wanted
  return start
}

/** Reserves first: growing replaces `writer.bytes`. */
const writeByte = (writer: WireWriter, byte: number): void => {
  const start = reserve(writer, 1)
  writer.bytes[start] = byte
}

export const writeUint32 = (writer: WireWriter, value: number): void => {
  let rest = value >>> 0
  while (rest > 0x7f) {
    writeByte(writer, (rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  writeByte(writer, rest)
}

export const writeInt64 = (writer: WireWriter, value: bigint): void => {
  let rest = BigInt.asUintN(64, value)
  while (rest > 0x7fn) {
    writeByte(writer, Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  writeByte(writer, Number(rest))
}

/** Negative int32 take ten bytes, as protobuf prescribes. */
export const writeInt32 = (writer: WireWriter, value: number): void =>
  value < 0 ? writeInt64(writer, BigInt(value)) : writeUint32(writer, value)

export const writeFixed64 = (writer: WireWriter, value: bigint): void => {
  const start = reserve(writer, 8)
  writer.view.setBigUint64(start, value, true)
}

export const writeFixed32 = (writer: WireWriter, value: number): void => {
  const start = reserve(writer, 4)
  writer.view.setUint32(start, value, true)
}

export const writeDouble = (writer: WireWriter, value: number): void => {
  const start = reserve(writer, 8)
  writer.view.setFloat64(start, value, true)
}

export const writeBytes = (writer: WireWriter, value: Uint8Array): void => {
  writeUint32(writer, value.length)
  const start = reserve(writer, value.length)
  writer.bytes.set(value, start)
}

export const writeString = (writer: WireWriter, value: string): void => {
  const length = Buffer.byteLength(value)
  writeUint32(writer, length)
  const start = reserve(writer, length)
  writer.bytes.write(value, start)
}

export const writeTag = (writer: WireWriter, field: number, wireType: WireType): void =>
  writeUint32(writer, (field << 3) | wireType)

const varintBytes = (value: number): number => {
  let count = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) count += 1
  return count
}

/** Writes the length before what `write` writes: the body is written first, then moved by the size of its length. */
export const writeDelimited = (writer: WireWriter, write: () => void): void => {
  const start = writer.position
  write()
  const length = writer.position - start
  const prefixBytes = varintBytes(length)
  reserve(writer, prefixBytes)
  const end = writer.position
  writer.bytes.copyWithin(start + prefixBytes, start, start + length)
  writer.position = start
  writeUint32(writer, length)
  writer.position = end
}
