import { createHash } from 'node:crypto'

/**
 * JSON with keys in code-unit order and no white space (RFC 8785; numbers and strings as ECMAScript prints them).
 * Members whose value is `undefined` are left out, as `JSON.stringify` does.
 */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : member,
  )

/** Hex sha-256 of a text or bytes. */
export const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')

/** Content address of a JSON value: `sha256:` and the hex digest of its canonical form. */
export const digestOf = (value: unknown): string => `sha256:${sha256(canonicalJson(value))}`
