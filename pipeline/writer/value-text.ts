import type { AnyValue, KeyValue } from '../otlp/otlp-types.ts'

/**
 * A value as the text of a column, spelled as the Collector's ClickHouse exporter does: texts as they are, numbers as
 * JavaScript writes them (but minus zero keeps its sign), bytes in base64, lists and maps as JSON. Within a list or map
 * the exporter knows no NaN and no infinity and leaves all of it empty; here they keep their names.
 */
export const valueText = (value: AnyValue): string => {
  switch (value.kind) {
    case 'empty':
      return ''
    case 'string':
      return value.value
    case 'bool':
    case 'int':
      return String(value.value)
    case 'double':
      return doubleText(value.value)
    case 'bytes':
      return base64(value.value)
    case 'array':
    case 'kvlist':
      return jsonText(value)
  }
}

/** Attributes as a map column. Of a repeated key the last value counts. */
export const attributeTexts = (attributes: readonly KeyValue[]): Readonly<Record<string, string>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, valueText(value)]))

const doubleText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

/**
 * Written by hand because 64-bit integers keep all their digits. Keys are sorted, as Go's maps are, and no
 * bytes are null, as a slice of Go without content is.
 */
const jsonText = (value: AnyValue): string => {
  switch (value.kind) {
    case 'empty':
      return 'null'
    case 'string':
      return quoted(value.value)
    case 'bool':
    case 'int':
      return String(value.value)
    case 'double':
      return Number.isFinite(value.value) ? doubleText(value.value) : `"${value.value}"`
    case 'bytes':
      return value.value.byteLength === 0 ? 'null' : `"${base64(value.value)}"`
    case 'array':
      return `[${value.values.map(jsonText).join(',')}]`
    case 'kvlist': {
      const members = new Map(value.values.map((member) => [member.key, member.value]))
      const sorted = [...members].sort(([a], [b]) => compareTexts(a, b))
      const texts = sorted.map(([key, item]) => `${quoted(key)}:${jsonText(item)}`)
      return `{${texts.join(',')}}`
    }
  }
}

/** Go escapes the two line separators that JavaScript leaves as they are. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(/[\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16)}`)

/** The order of UTF-8 bytes, which is that of code points; UTF-16 has what lies beyond U+FFFF before U+E000. */
const compareTexts = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length)
  for (let place = 0; place < length; place++) {
    const [left, right] = [a.charCodeAt(place), b.charCodeAt(place)]
    if (left !== right) return rankOfUnit(left) - rankOfUnit(right)
  }
  return a.length - b.length
}

const FIRST_SURROGATE = 0xd800
const FIRST_AFTER_SURROGATES = 0xe000
const BEYOND_ALL = 0x10000

const rankOfUnit = (unit: number): number =>
  unit >= FIRST_SURROGATE && unit < FIRST_AFTER_SURROGATES ? unit + BEYOND_ALL : unit

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
