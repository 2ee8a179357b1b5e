import { type Dictionary, dictionary } from './dictionary.ts'
import {
  bytesOf,
  clear,
  type Growing,
  type GrowingBytes,
  type GrowingWords,
  growingBytes,
  growingWords,
  putBytes,
  putLong,
  putWord,
  putWords,
} from './growing.ts'

/** A column of a block in ClickHouse's Native format, filled from above. */
export interface Column {
  readonly type: string
  /** What grows with the rows; cutting these back takes rows away. */
  readonly spaces: readonly Growing[]
  /** What the format puts before the rows of the whole column. */
  readonly prefix: readonly Uint8Array[]
  /** The rows in the format's order. */
  parts(): readonly Uint8Array[]
  clear(): void
}

const NOTHING: readonly Uint8Array[] = []

export interface StringColumn extends Column {
  readonly bytes: GrowingBytes
}

export interface LongColumn extends Column {
  readonly words: GrowingWords
}

export interface CodedColumn extends Column {
  readonly dictionary: Dictionary
  readonly indexes: GrowingWords
}

/** One map a row; values are parallel to keys, `ends` counts both. */
export interface MapColumn extends Column {
  readonly keys: CodedColumn
  readonly values: GrowingBytes
  readonly ends: GrowingWords
}

/** One list a row, of the elements of another column. */
export interface ArrayColumn extends Column {
  readonly ends: GrowingWords
}

const ofBytes = (type: string): StringColumn => {
  const bytes = growingBytes()
  return {
    type,
    bytes,
    spaces: [bytes],
    prefix: NOTHING,
    parts: () => [bytesOf(bytes)],
    clear: () => clear(bytes),
  }
}

const ofLongs = (type: string): LongColumn => {
  const words = growingWords()
  return {
    type,
    words,
    spaces: [words],
    prefix: NOTHING,
    parts: () => [bytesOf(words)],
    clear: () => clear(words),
  }
}

export const stringColumn = (): StringColumn => ofBytes('String')
export const byteColumn = (): StringColumn => ofBytes('UInt8')
export const timeColumn = (): LongColumn => ofLongs('DateTime64(9)')
export const longColumn = (): LongColumn => ofLongs('UInt64')

/** The version of how a dictionary is written: with the block. */
const DICTIONARY_VERSION = longs(1)
/** Keys of its own, which replace those of the block before. */
const DICTIONARY_FLAGS = 0x600

/** The number of bits of an index, as the format names it, follows the size of the dictionary. */
const indexType = (count: number): number => (count <= 2 ** 8 ? 0 : count <= 2 ** 16 ? 1 : 2)

const indexBytes = (type: number, { words, length }: GrowingWords): Uint8Array => {
  const used = words.subarray(0, length)
  if (type === 0) return new Uint8Array(used)
  const narrow = type === 1 ? new Uint16Array(used) : used
  return new Uint8Array(narrow.buffer, narrow.byteOffset, narrow.byteLength)
}

function longs(...values: readonly number[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values, BigInt).buffer)
}

export const codedColumn = (): CodedColumn => {
  const texts = dictionary()
  const indexes = growingWords()
  return {
    type: 'LowCardinality(String)',
    dictionary: texts,
    indexes,
    spaces: [indexes],
    prefix: [DICTIONARY_VERSION],
    parts: () => {
      // The format has nothing at all for no rows, as lists without elements give.
      if (indexes.length === 0) return NOTHING
      const type = indexType(texts.count)
      return [
        longs(DICTIONARY_FLAGS | type, texts.count),
        texts.bytes(),
        longs(indexes.length),
        indexBytes(type, indexes),
      ]
    },
    clear: () => {
      texts.clear()
      clear(indexes)
    },
  }
}

export const mapColumn = (): MapColumn => {
  const keys = codedColumn()
  const values = growingBytes()
  const ends = growingWords()
  return {
    type: 'Map(LowCardinality(String), String)',
    keys,
    values,
    ends,
    spaces: [keys.indexes, values, ends],
    prefix: keys.prefix,
    parts: () => [bytesOf(ends), ...keys.parts(), bytesOf(values)],
    clear: () => {
      keys.clear()
      clear(values)
      clear(ends)
    },
  }
}

export const arrayColumn = (elements: Column): ArrayColumn => {
  const ends = growingWords()
  return {
    type: `Array(${elements.type})`,
    ends,
    spaces: [...elements.spaces, ends],
    prefix: elements.prefix,
    parts: () => [bytesOf(ends), ...elements.parts()],
    clear: () => {
      elements.clear()
      clear(ends)
    },
  }
}

/** Ends the row of a list or map column: so many elements there are by now. */
export const endRow = ({ ends }: { readonly ends: GrowingWords }, elements: number): void =>
  putLong(ends, elements, 0)

/** A row of a map column that is held to be repeated. */
export interface HeldMap {
  readonly indexes: GrowingWords
  readonly values: GrowingBytes
}

export const heldMap = (): HeldMap => ({ indexes: growingWords(), values: growingBytes() })

export const putMap = (column: MapColumn, { indexes, values }: HeldMap): void => {
  putWords(column.keys.indexes, indexes)
  putBytes(column.values, values)
  endRow(column, column.keys.indexes.length)
}

export const putIndex = ({ indexes }: CodedColumn, index: number): void => putWord(indexes, index)
