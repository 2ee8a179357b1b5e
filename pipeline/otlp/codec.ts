// One description of a message serves protobuf and JSON, in and out, and going past what need not be read.
import { InvalidInputError } from '../../schemas/errors.ts'
import {
  DELIMITED,
  enter,
  leave,
  malformed,
  readTag,
  skipField,
  type WireReader,
  type WireType,
} from './wire-reader.ts'
import { type WireWriter, writeDelimited, writeTag } from './wire-writer.ts'

/** How a value of one type is written; `absent` is its protobuf default, which is never written. */
export interface Codec<T> {
  readonly wireType: WireType
  readonly absent: T
  isAbsent(value: T): boolean
  read(reader: WireReader): T
  /** Goes past a value: refuses what `read` refuses, and makes nothing. Absent where the wire type says how. */
  readonly pass?: (reader: WireReader) => void
  write(writer: WireWriter, value: T): void
  fromJson(value: unknown, where: string): T
  toJson(value: T): unknown
}

/** A numbered place in a message that holds one value or a list. */
export interface Field<T> {
  readonly number: number
  readonly wireType: WireType
  readonly absent: T
  isAbsent(value: T): boolean
  /** The new value after one more occurrence on the wire. */
  read(reader: WireReader, current: T): T
  readonly pass?: (reader: WireReader) => void
  write(writer: WireWriter, value: T): void
  fromJson(value: unknown, where: string): T
  toJson(value: T): unknown
}

export interface Message<T> extends Codec<T> {
  /** The message without a length before it: the whole of the bytes. */
  readBody(reader: WireReader): T
  /** Goes past the field whose tag was read. */
  passField(reader: WireReader, tag: number): void
  readonly pass: (reader: WireReader) => void
  writeBody(writer: WireWriter, value: T): void
}

export const malformedJson = (where: string, problem: string): InvalidInputError =>
  new InvalidInputError('payload-malformed', `${where} ${problem}`)

/** The last occurrence wins. */
export const one = <T>(number: number, codec: Codec<T>): Field<T> => ({
  ...codec,
  number,
  write: (writer, value) => {
    if (codec.isAbsent(value)) return
    writeTag(writer, number, codec.wireType)
    codec.write(writer, value)
  },
})

const NONE: readonly never[] = Object.freeze([])

export const many = <T>(number: number, codec: Codec<T>): Field<readonly T[]> => ({
  ...(codec.pass === undefined ? {} : { pass: codec.pass }),
  number,
  wireType: codec.wireType,
  absent: NONE,
  isAbsent: (values) => values.length === 0,
  read: (reader, current) => {
    if (current.length === 0)
      return [codec.read(reader)]
      // The list was made here a moment ago and nobody else has it yet.
    ;(current as T[]).push(codec.read(reader))
    return current
  },
  write: (writer, values) => {
    for (const value of values) {
      writeTag(writer, number, codec.wireType)
      codec.write(writer, value)
    }
  },
  fromJson: (value, where) => {
    if (!Array.isArray(value)) throw malformedJson(where, 'is not an array')
    return value.map((item, i) => codec.fromJson(item, `${where}[${i}]`))
  },
  toJson: (values) => values.map((value) => codec.toJson(value)),
})

interface NamedField {
  readonly name: string
  readonly snakeName: string
  readonly field: Field<unknown>
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (x) => `_${x.toLowerCase()}`)

/** Fields that the description lacks are skipped: they are not kept for writing. */
export const message = <T extends object>(
  name: string,
  fields: { readonly [K in keyof T]: Field<T[K]> },
): Message<T> => {
  const named: readonly NamedField[] = Object.entries<Field<unknown>>(fields).map(
    ([key, field]) => ({ name: key, snakeName: snakeCase(key), field }),
  )
  const absent = Object.fromEntries(named.map((entry) => [entry.name, entry.field.absent])) as T
  const readBody = bodyReader(name, named, absent)
  const passField = fieldPasser(name, named)
  const writeBody = (writer: WireWriter, value: T): void => {
    const values = value as Readonly<Record<string, unknown>>
    for (const { name: key, field } of named) field.write(writer, values[key])
  }
  return {
    wireType: DELIMITED,
    absent,
    isAbsent: (value) => named.every((entry) => entry.field.isAbsent(value[entry.name as keyof T])),
    readBody,
    passField,
    writeBody,
    pass: (reader) => {
      const outer = enter(reader)
      charge(reader, named.length)
      while (reader.position < reader.end) passField(reader, readTag(reader))
      leave(reader, outer)
    },
    read: (reader) => {
      const outer = enter(reader)
      const value = readBody(reader)
      leave(reader, outer)
      return value
    },
    write: (writer, value) => writeDelimited(writer, () => writeBody(writer, value)),
    fromJson: (value, where) => objectFromJson(named, value, where) as T,
    toJson: (value) => objectToJson(named, value as Readonly<Record<string, unknown>>),
  }
}

const OBJECT_BYTES = 16
const SLOT_BYTES = 8

/** Takes an object of so many properties from what decoding may allocate. */
export const charge = (reader: WireReader, properties: number): void => {
  reader.memory -= OBJECT_BYTES + SLOT_BYTES * properties
  if (reader.memory < 0) throw malformed(reader, 'too many near-empty messages')
}

const bodyReader = <T extends object>(name: string, named: readonly NamedField[], absent: T) => {
  const byNumber: NamedField[] = []
  for (const entry of named) byNumber[entry.field.number] = entry
  return (reader: WireReader): T => {
    charge(reader, named.length)
    const draft = { ...absent } as Record<string, unknown>
    while (reader.position < reader.end) {
      const tag = readTag(reader)
      const entry = byNumber[tag >>> 3]
      const wireType = tag & 7
      if (entry === undefined) skipField(reader, wireType)
      else if (entry.field.wireType !== wireType)
        throw malformed(reader, `${name}.${entry.name} has wire type ${wireType}`)
      else draft[entry.name] = entry.field.read(reader, draft[entry.name])
    }
    return draft as T
  }
}

const fieldPasser = (name: string, named: readonly NamedField[]) => {
  const byNumber: NamedField[] = []
  for (const entry of named) byNumber[entry.field.number] = entry
  return (reader: WireReader, tag: number): void => {
    const wireType = tag & 7
    const entry = byNumber[tag >>> 3]
    if (entry !== undefined && entry.field.wireType !== wireType)
      throw malformed(reader, `${name}.${entry.name} has wire type ${wireType}`)
    if (entry?.field.pass === undefined) skipField(reader, wireType)
    else entry.field.pass(reader)
  }
}

/** Names in lowerCamelCase, as OTLP/JSON has them, or as in the .proto files; null stands for absent. */
const objectFromJson = (named: readonly NamedField[], value: unknown, where: string): object => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformedJson(where, 'is not an object')
  const given = value as Readonly<Record<string, unknown>>
  const result: Record<string, unknown> = {}
  for (const { name, snakeName, field } of named) {
    const item = given[name] ?? given[snakeName] ?? null
    result[name] = item === null ? field.absent : field.fromJson(item, `${where}.${name}`)
  }
  return result
}

const objectToJson = (
  named: readonly NamedField[],
  value: Readonly<Record<string, unknown>>,
): object => {
  const result: Record<string, unknown> = {}
  for (const { name, field } of named) {
    if (!field.isAbsent(value[name])) result[name] = field.toJson(value[name])
  }
  return result
}
