import type { AnyValue, KeyValue } from '../otlp/otlp-types.ts'

/**
 * A value as the text of a column, spelled as the Collector's ClickHouse exporter does: texts as they are, numbers as
 * JavaScript writes them, bytes in base64, lists and maps as JSON. NaN and infinities, for which the exporter writes an
 * error message, keep their names.
 */
export const valueText = (value: AnyValue): string => {
  switch (value.kind) {
    case 'empty':
      return ''
    case 'string':
      return value.value
    case 'bool':
    case 'int':
    case 'double':
      return String(value.value)
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

/** Written by hand because 64-bit integers keep all their digits. */
const jsonText = (value: AnyValue): string => {
  switch (value.kind) {
    case 'empty':
      return 'null'
    case 'string':
      return JSON.stringify(value.value)
    case 'bool':
    case 'int':
      return String(value.value)
    case 'double':
      return Number.isFinite(value.value) ? JSON.stringify(value.value) : `"${value.value}"`
    case 'bytes':
      return `"${base64(value.value)}"`
    case 'array':
      return `[${value.values.map(jsonText).join(',')}]`
    case 'kvlist': {
      const members = new Map(value.values.map((member) => [member.key, member.value]))
      const texts = [...members].map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`)
      return `{${texts.join(',')}}`
    }
  }
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
