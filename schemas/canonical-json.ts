import { createHash } from 'node:crypto'

/**
 * JSON with keys in code-unit order and no white space (RFC 8785; numbers and strings as ECMAScript prints them).
 * As in `JSON.stringify`, members whose value is `undefined` are left out and numbers that are not finite become null.
 */
export const canonicalJson = (value: unknown): string => written(value) ?? 'null'

/** Written by hand, because an object cannot hold keys such as "10" and "9" in the order in which text sorts them. */
const written = (value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if ('toJSON' in value && typeof value.toJSON === 'function') return written(value.toJSON())
  if (Array.isArray(value)) return `[${value.map((item) => written(item) ?? 'null').join(',')}]`
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, member]) => {
      const text = written(member)
      return text === undefined ? [] : [`${JSON.stringify(key)}:${text}`]
    })
  return `{${members.join(',')}}`
}

/** Hex sha-256 of a text or bytes. */
export const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')

/** Content address of a JSON value: `sha256:` and the hex digest of its canonical form. */
export const digestOf = (value: unknown): string => `sha256:${sha256(canonicalJson(value))}`
