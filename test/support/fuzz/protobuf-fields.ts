/** Where a field of a message lies. */
export interface FieldPlace {
  /** Of its tag. */
  readonly start: number
  /** Of its length or value. */
  readonly value: number
  /** Of the content of a delimited one. */
  readonly content: number
  readonly end: number
  readonly wireType: number
}

const DEEPEST = 12

/**
 * The fields of a payload, nested ones after those that hold them. Whether a delimited field is a message nobody can tell
 * from its bytes: whatever reads as one to its end is taken for one.
 */
export const fieldsOf = (bytes: Uint8Array): readonly FieldPlace[] =>
  messageFields(bytes, 0, bytes.length, 0) ?? []

const messageFields = (
  bytes: Uint8Array,
  start: number,
  end: number,
  depth: number,
): FieldPlace[] | null => {
  if (depth > DEEPEST) return null
  const fields: FieldPlace[] = []
  for (let at = start; at < end; ) {
    const field = fieldAt(bytes, at, end)
    if (field === null) return null
    fields.push(field)
    if (field.wireType === 2)
      fields.push(...(messageFields(bytes, field.content, field.end, depth + 1) ?? []))
    at = field.end
  }
  return fields
}

const fieldAt = (bytes: Uint8Array, start: number, end: number): FieldPlace | null => {
  const tag = varintAt(bytes, start, end)
  if (tag === null || tag.number >>> 3 === 0) return null
  const wireType = tag.number & 7
  const known = varintAt(bytes, tag.end, end)
  const place = { start, value: tag.end, content: tag.end, wireType }
  const within = (last: number): FieldPlace | null => (last <= end ? { ...place, end: last } : null)
  if (wireType === 1) return within(tag.end + 8)
  if (wireType === 5) return within(tag.end + 4)
  if (known === null) return null
  if (wireType === 0) return within(known.end)
  return wireType === 2 && known.end + known.number <= end
    ? { ...place, content: known.end, end: known.end + known.number }
    : null
}

const varintAt = (
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly number: number; readonly end: number } | null => {
  let number = 0
  for (let i = 0; i < 5 && start + i < end; i += 1) {
    const byte = bytes[start + i] ?? 0
    number += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { number, end: start + i + 1 }
  }
  return null
}

export const varint = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return Buffer.from([...bytes, rest])
}
