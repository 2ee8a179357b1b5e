import type { Dictionary } from './dictionary.ts'
import { type GrowingBytes, type GrowingWords, putWord, reserve } from './growing.ts'

/** The row of a map column that is being filled. Keys and values are parallel. */
export interface MapRow {
  readonly dictionary: Dictionary
  readonly indexes: GrowingWords
  readonly values: GrowingBytes
  /** Where the row begins. */
  firstIndex: number
  firstValue: number
  /** In which row each key was last seen, by its number. */
  seen: Uint32Array
  row: number
}

export const mapRow = (
  dictionary: Dictionary,
  indexes: GrowingWords,
  values: GrowingBytes,
): MapRow => ({
  dictionary,
  indexes,
  values,
  firstIndex: 0,
  firstValue: 0,
  seen: new Uint32Array(1),
  row: 0,
})

const MOST_ROWS = 2 ** 32 - 1

export const beginMap = (map: MapRow): void => {
  map.firstIndex = map.indexes.length
  map.firstValue = map.values.length
}

/** Of a repeated key the last value counts, at the place of the first. */
export const endMap = (map: MapRow): void => {
  const { indexes, firstIndex } = map
  if (map.seen.length < map.dictionary.count || map.row === MOST_ROWS) forget(map)
  map.row += 1
  let isRepeated = false
  for (let i = firstIndex; i < indexes.length; i += 1) {
    const index = indexes.words[i] ?? 0
    if (map.seen[index] === map.row) isRepeated = true
    map.seen[index] = map.row
  }
  if (isRepeated) keepLast(map)
}

const forget = (map: MapRow): void => {
  map.seen = new Uint32Array(map.dictionary.count * 2)
  map.row = 0
}

const keepLast = ({ indexes, values, firstIndex, firstValue }: MapRow): void => {
  const keys = indexes.words.slice(firstIndex, indexes.length)
  const texts = Buffer.from(values.bytes.subarray(firstValue, values.length))
  const last = new Map<number, Buffer>()
  let start = 0
  for (const key of keys) {
    const end = endOfText(texts, start)
    last.set(key, texts.subarray(start, end))
    start = end
  }
  indexes.length = firstIndex
  values.length = firstValue
  for (const [key, text] of last) {
    putWord(indexes, key)
    const place = reserve(values, text.length)
    values.bytes.set(text, place)
    values.length = place + text.length
  }
}

/** The varint before a text. */
export const lengthOfText = (bytes: Buffer, start: number): number => {
  let length = 0
  for (let i = 0; ; i += 1) {
    const byte = bytes[start + i] ?? 0
    length |= (byte & 0x7f) << (7 * i)
    if (byte < MORE_FOLLOWS) return length
  }
}

/** Where a text ends that begins with its length. */
export const endOfText = (bytes: Buffer, start: number): number => {
  let place = start
  while ((bytes[place] ?? 0) >= MORE_FOLLOWS) place += 1
  return place + 1 + lengthOfText(bytes, start)
}

const MORE_FOLLOWS = 0x80
