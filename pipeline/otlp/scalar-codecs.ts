import { type Codec, malformedJson } from './codec.ts'
import {
  DELIMITED,
  FIXED32,
  FIXED64,
  readBytes,
  readFixed32,
  readFixed64,
  readInt32,
  readInt64,
  readString,
  readUint32,
  VARINT,
} from './wire-reader.ts'
import {
  writeBytes,
  writeFixed32,
  writeFixed64,
  writeInt32,
  writeInt64,
  writeString,
  writeUint32,
} from './wire-writer.ts'

const INT64 = [-(2n ** 63n), 2n ** 63n - 1n] as const
const UINT64 = [0n, 2n ** 64n - 1n] as const
const INT32 = [-(2n ** 31n), 2n ** 31n - 1n] as const
const UINT32 = [0n, 2n ** 32n - 1n] as const

/** A whole number, as a JSON number or as a decimal string. */
export const integerFromJson = (
  value: unknown,
  where: string,
  [least, greatest]: readonly [bigint, bigint] = INT64,
): bigint => {
  const whole =
    typeof value === 'number'
      ? Number.isInteger(value)
      : typeof value === 'string' && /^[+-]?\d{1,20}$/.test(value)
  if (!whole) throw malformedJson(where, 'is not a whole number')
  const integer = BigInt(value as string | number)
  if (integer < least || integer > greatest) throw malformedJson(where, 'is out of range')
  return integer
}

export const string: Codec<string> = {
  wireType: DELIMITED,
  absent: '',
  isAbsent: (value) => value === '',
  read: readString,
  write: writeString,
  fromJson: (value, where) => {
    if (typeof value !== 'string') throw malformedJson(where, 'is not a string')
    return value.toWellFormed()
  },
  toJson: (value) => value,
}

const ZEROS = /^0*$/
const BASE64_ID = /^([A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{11}=)$/

/** W3C calls an id of zeros invalid, and SDKs write it for "no parent": it is read as no id. */
const idOf = (hex: string): string => (ZEROS.test(hex) ? '' : hex)

/** One byte, which no reader takes for an id: what is not hex stays as wrong as it was. */
const NO_ID = Buffer.of(0xff)

const idBytes = (hex: string): Buffer => {
  const bytes = Buffer.from(hex, 'hex')
  return bytes.length * 2 === hex.length ? bytes : NO_ID
}

/**
 * A trace or span id as lower-case hex. Its length is not checked here: one wrong id must not refuse a whole batch.
 * JSON has hex; the base64 of generic protobuf converters is understood too (its lengths differ from those of hex).
 */
export const id: Codec<string> = {
  wireType: DELIMITED,
  absent: '',
  isAbsent: (value) => value === '',
  read: (reader) => idOf(readBytes(reader).toString('hex')),
  write: (writer, value) => writeBytes(writer, idBytes(value)),
  fromJson: (value, where) => {
    const text = string.fromJson(value, where)
    return idOf(
      BASE64_ID.test(text) ? Buffer.from(text, 'base64').toString('hex') : text.toLowerCase(),
    )
  },
  toJson: (value) => value,
}

export const int64: Codec<bigint> = {
  wireType: VARINT,
  absent: 0n,
  isAbsent: (value) => value === 0n,
  read: readInt64,
  write: writeInt64,
  fromJson: (value, where) => integerFromJson(value, where),
  toJson: String,
}

export const fixed64: Codec<bigint> = {
  wireType: FIXED64,
  absent: 0n,
  isAbsent: (value) => value === 0n,
  read: readFixed64,
  write: writeFixed64,
  fromJson: (value, where) => integerFromJson(value, where, UINT64),
  toJson: String,
}

const isZero = (value: number): boolean => value === 0

export const int32: Codec<number> = {
  wireType: VARINT,
  absent: 0,
  isAbsent: isZero,
  read: readInt32,
  write: writeInt32,
  fromJson: (value, where) => Number(integerFromJson(value, where, INT32)),
  toJson: (value) => value,
}

export const uint32: Codec<number> = {
  ...int32,
  read: readUint32,
  write: writeUint32,
  fromJson: (value, where) => Number(integerFromJson(value, where, UINT32)),
}

export const fixed32: Codec<number> = {
  ...uint32,
  wireType: FIXED32,
  read: readFixed32,
  write: writeFixed32,
}

/** An open enum: unknown numbers are kept; JSON may have the number or the name. */
export const enumeration = (numbers: Readonly<Record<string, number>>): Codec<number> => ({
  ...int32,
  fromJson: (value, where) =>
    typeof value === 'string' && Object.hasOwn(numbers, value)
      ? (numbers[value] ?? 0)
      : int32.fromJson(value, where),
})
