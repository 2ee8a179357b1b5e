import { type Codec, charge, type Message, malformedJson, many, message, one } from './codec.ts'
import type { AnyValue, KeyValue } from './otlp-types.ts'
import { integerFromJson, string } from './scalar-codecs.ts'
import {
  DELIMITED,
  enter,
  leave,
  malformed,
  passDelimited,
  readBool,
  readBytes,
  readDouble,
  readInt64,
  readString,
  readTag,
  skipField,
  type WireReader,
} from './wire-reader.ts'
import {
  type WireWriter,
  writeBytes,
  writeDelimited,
  writeDouble,
  writeInt64,
  writeString,
  writeUint32,
} from './wire-writer.ts'

/** Lists in lists beyond this are refused, in and out alike: what the receiver stores, every reader can read. */
export const DEEPEST_VALUE = 64

const EMPTY: AnyValue = Object.freeze({ kind: 'empty' })

/** Tags of the oneof: field number and wire type. */
export const VALUE_TAG = {
  string: 10,
  bool: 16,
  int: 24,
  double: 33,
  array: 42,
  kvlist: 50,
  bytes: 58,
} as const
const LAST_FIELD = 7

const read = (reader: WireReader): AnyValue => {
  charge(reader, 2)
  const outer = enter(reader)
  reader.depth += 1
  if (reader.depth > DEEPEST_VALUE) throw malformed(reader, 'a value is nested too deeply')
  let value: AnyValue = EMPTY
  while (reader.position < reader.end) value = readMember(reader, readTag(reader)) ?? value
  reader.depth -= 1
  leave(reader, outer)
  return value
}

/** What a oneof holds by its tag; null for fields that are not known. */
export const readMember = (reader: WireReader, tag: number): AnyValue | null => {
  switch (tag) {
    case VALUE_TAG.string:
      return { kind: 'string', value: readString(reader) }
    case VALUE_TAG.bool:
      return { kind: 'bool', value: readBool(reader) }
    case VALUE_TAG.int:
      return { kind: 'int', value: readInt64(reader) }
    case VALUE_TAG.double:
      return { kind: 'double', value: readDouble(reader) }
    case VALUE_TAG.array:
      return { kind: 'array', values: arrayValue.read(reader).values }
    case VALUE_TAG.kvlist:
      return { kind: 'kvlist', values: keyValueList.read(reader).values }
    case VALUE_TAG.bytes:
      return { kind: 'bytes', value: readBytes(reader) }
    default:
      passUnknownMember(reader, tag)
      return null
  }
}

const pass = (reader: WireReader): void => {
  charge(reader, 2)
  const outer = enter(reader)
  reader.depth += 1
  if (reader.depth > DEEPEST_VALUE) throw malformed(reader, 'a value is nested too deeply')
  while (reader.position < reader.end) passMember(reader, readTag(reader))
  reader.depth -= 1
  leave(reader, outer)
}

const passMember = (reader: WireReader, tag: number): void => {
  switch (tag) {
    case VALUE_TAG.string:
    case VALUE_TAG.bytes:
      passDelimited(reader)
      break
    case VALUE_TAG.array:
      arrayValue.pass(reader)
      break
    case VALUE_TAG.kvlist:
      keyValueList.pass(reader)
      break
    case VALUE_TAG.bool:
    case VALUE_TAG.int:
    case VALUE_TAG.double:
      skipField(reader, tag & 7)
      break
    default:
      passUnknownMember(reader, tag)
  }
}

const passUnknownMember = (reader: WireReader, tag: number): void => {
  if (tag >>> 3 <= LAST_FIELD) throw malformed(reader, `AnyValue has tag ${tag}`)
  skipField(reader, tag & 7)
}

const write = (writer: WireWriter, value: AnyValue): void => {
  writer.depth += 1
  if (writer.depth > DEEPEST_VALUE) throw malformedJson('a value', 'is nested too deeply')
  writeDelimited(writer, () => writeMember(writer, value))
  writer.depth -= 1
}

const writeMember = (writer: WireWriter, value: AnyValue): void => {
  if (value.kind === 'empty') return
  writeUint32(writer, VALUE_TAG[value.kind])
  switch (value.kind) {
    case 'string':
      writeString(writer, value.value)
      break
    case 'bool':
      writeUint32(writer, value.value ? 1 : 0)
      break
    case 'int':
      writeInt64(writer, value.value)
      break
    case 'double':
      writeDouble(writer, value.value)
      break
    case 'array':
      arrayValue.write(writer, value)
      break
    case 'kvlist':
      keyValueList.write(writer, value)
      break
    case 'bytes':
      writeBytes(writer, value.value)
      break
  }
}

const boolFromJson = (value: unknown, where: string): boolean => {
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  throw malformedJson(where, 'is not a boolean')
}

const doubleFromJson = (value: unknown, where: string): number => {
  if (typeof value === 'number') return value
  if (value === 'NaN') return Number.NaN
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  if (Number.isNaN(number)) throw malformedJson(where, 'is not a number')
  return number
}

/** Accepts the URL-safe alphabet and missing padding, as protobuf's JSON does. */
const bytesFromJson = (value: unknown, where: string): Uint8Array => {
  const text = string.fromJson(value, where)
  if (!/^[\w+/-]*={0,2}$/.test(text)) throw malformedJson(where, 'is not base64')
  return Buffer.from(text, 'base64')
}

type FromJson = (value: unknown, where: string) => AnyValue

const MEMBERS: Readonly<Record<string, FromJson>> = {
  stringValue: (value, where) => ({ kind: 'string', value: string.fromJson(value, where) }),
  boolValue: (value, where) => ({ kind: 'bool', value: boolFromJson(value, where) }),
  intValue: (value, where) => ({ kind: 'int', value: integerFromJson(value, where) }),
  doubleValue: (value, where) => ({ kind: 'double', value: doubleFromJson(value, where) }),
  bytesValue: (value, where) => ({ kind: 'bytes', value: bytesFromJson(value, where) }),
  arrayValue: (value, where) => ({
    kind: 'array',
    values: arrayValue.fromJson(value, where).values,
  }),
  kvlistValue: (value, where) => ({
    kind: 'kvlist',
    values: keyValueList.fromJson(value, where).values,
  }),
}

const fromJson: FromJson = (value, where) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformedJson(where, 'is not an AnyValue object')
  for (const [key, item] of Object.entries(value)) {
    const name = key.replace('_value', 'Value')
    const member = Object.hasOwn(MEMBERS, name) ? MEMBERS[name] : undefined
    if (member !== undefined && item !== null) return member(item, `${where}.${key}`)
  }
  return EMPTY
}

const toJson = (value: AnyValue): unknown => {
  switch (value.kind) {
    case 'empty':
      return {}
    case 'string':
      return { stringValue: value.value }
    case 'bool':
      return { boolValue: value.value }
    case 'int':
      return { intValue: String(value.value) }
    case 'double':
      return { doubleValue: Number.isFinite(value.value) ? value.value : String(value.value) }
    case 'bytes':
      return { bytesValue: Buffer.from(value.value).toString('base64') }
    case 'array':
      return { arrayValue: arrayValue.toJson(value) }
    case 'kvlist':
      return { kvlistValue: keyValueList.toJson(value) }
  }
}

/** The value of an attribute or the body of a log record. */
export const anyValue: Codec<AnyValue> = {
  wireType: DELIMITED,
  absent: EMPTY,
  isAbsent: (value) => value.kind === 'empty',
  read,
  pass,
  write,
  fromJson,
  toJson,
}

export const keyValue: Message<KeyValue> = message('KeyValue', {
  key: one(1, string),
  value: one(2, anyValue),
})

const arrayValue = message<{ readonly values: readonly AnyValue[] }>('ArrayValue', {
  values: many(1, anyValue),
})

const keyValueList = message<{ readonly values: readonly KeyValue[] }>('KeyValueList', {
  values: many(1, keyValue),
})
