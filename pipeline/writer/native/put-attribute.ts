import { ATTRIBUTES } from '../../../schemas/attribute-names.ts'
import { DEEPEST_VALUE, readMember, VALUE_TAG } from '../../otlp/any-value.ts'
import { charge } from '../../otlp/codec.ts'
import {
  enter,
  leave,
  malformed,
  passDelimited,
  readBool,
  readInt64,
  readSmallVarint,
  readTag,
  skipField,
  type WireReader,
} from '../../otlp/wire-reader.ts'
import { valueText } from '../value-text.ts'
import { type GrowingBytes, putWord } from './growing.ts'
import type { MapRow } from './map-row.ts'
import { putText, putUtf8 } from './put-text.ts'

const KEY = 10
const VALUE = 18
const KEY_VALUE_FIELDS = 2

/**
 * Puts the KeyValue that follows into a map's row. Answers why it marks its owner as NeoSigma's own, or null
 * (the rule of `ownOrigin`).
 */
export const putAttribute = (map: MapRow, reader: WireReader): string | null => {
  const outer = enter(reader)
  charge(reader, 2)
  const valueStart = map.values.length
  let [keyStart, keyLength, kind] = [0, 0, NO_VALUE]
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    if (tag === KEY) {
      keyLength = passDelimited(reader)
      keyStart = reader.position - keyLength
    } else if (tag === VALUE) {
      map.values.length = valueStart
      kind = putValue(map.values, reader)
    } else skipUnknown(reader, tag, KEY_VALUE_FIELDS)
  }
  leave(reader, outer)
  if (kind === NO_VALUE) putText(map.values, '')
  putWord(map.indexes, map.dictionary.indexOf(reader.bytes, keyStart, keyLength))
  const mark = markOf(reader.bytes, keyStart, keyLength)
  return mark !== null && isTrue(kind, map.values, valueStart) ? mark : null
}

/** Skips a field that is not known. @throws InvalidInputError for a known one (up to `last`) of another wire type */
export const skipUnknown = (reader: WireReader, tag: number, last: number): void => {
  if (tag >>> 3 <= last) throw malformed(reader, `a field has tag ${tag}`)
  skipField(reader, tag & 7)
}

const NO_VALUE = -1
const EMPTY_VALUE = 0

/** Puts the AnyValue that follows as `valueText` spells it, and answers its tag. */
export const putValue = (space: GrowingBytes, reader: WireReader): number => {
  charge(reader, 2)
  const outer = enter(reader)
  reader.depth += 1
  if (reader.depth > DEEPEST_VALUE) throw malformed(reader, 'a value is nested too deeply')
  const start = space.length
  let kind = EMPTY_VALUE
  while (reader.position < reader.end) {
    const tag = readTag(reader)
    const isKnown = putMember(space, start, reader, tag)
    if (isKnown) kind = tag
  }
  if (kind === EMPTY_VALUE) putText(space, '')
  reader.depth -= 1
  leave(reader, outer)
  return kind
}

/** The last member of a oneof counts: each begins where the value begins. */
const putMember = (
  space: GrowingBytes,
  start: number,
  reader: WireReader,
  tag: number,
): boolean => {
  switch (tag) {
    case VALUE_TAG.string: {
      const length = passDelimited(reader)
      space.length = start
      putUtf8(space, reader.bytes, reader.position - length, length)
      return true
    }
    case VALUE_TAG.bool:
      space.length = start
      putText(space, readBool(reader) ? 'true' : 'false')
      return true
    case VALUE_TAG.int:
      space.length = start
      putText(space, String(readSmallVarint(reader) ?? readInt64(reader)))
      return true
    default: {
      const value = readMember(reader, tag)
      if (value === null) return false
      space.length = start
      putText(space, valueText(value))
      return true
    }
  }
}

/** The attributes that mark NeoSigma's own telemetry, by length: few others have one of the two. */
const MARKS = new Map<number, readonly [name: string, reason: string]>([
  [ATTRIBUTES.internal.length, [ATTRIBUTES.internal, 'internal']],
  [ATTRIBUTES.evaluation.length, [ATTRIBUTES.evaluation, 'evaluation']],
])

const markOf = (source: Buffer, from: number, length: number): string | null => {
  const mark = MARKS.get(length)
  if (mark === undefined || source.toString('latin1', from, from + length) !== mark[0]) return null
  return mark[1]
}

const isTrue = (kind: number, { bytes, length }: GrowingBytes, start: number): boolean => {
  const text = bytes.toString('latin1', start + 1, length)
  if (kind === VALUE_TAG.bool) return text === 'true'
  return kind === VALUE_TAG.string && (text === 'true' || text === '1')
}
