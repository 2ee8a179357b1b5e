import type { z } from 'zod'
import { InvalidInputError } from '../../schemas/errors.ts'

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Give it as `cursor` for what comes next; null at the end. */
  readonly next: string | null
}

/** Rows of a page when the client names no limit. */
export const PAGE_ROWS = 1000

const encodeCursor = (place: unknown): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url')

/**
 * The place after which a page begins; null is the beginning.
 * @throws InvalidInputError `argument-invalid` for what no page of this listing gave
 */
export const decodeCursor = <Schema extends z.ZodType>(
  schema: Schema,
  cursor: string | undefined,
): z.infer<Schema> | null => {
  if (cursor === undefined) return null
  const result = schema.safeParse(parsed(cursor))
  if (result.success) return result.data
  throw new InvalidInputError('argument-invalid', 'The cursor is none of this listing.')
}

/**
 * A page of `rows`, which hold one more than `limit` where there is more. The cursor is the place of the last row, not a
 * count: rows that come or go in between shift nothing.
 */
export const pageOf = <Item>(
  rows: readonly Item[],
  limit: number,
  placeOf: (last: Item) => unknown,
): Page<Item> => {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const more = rows.length > limit && last !== undefined
  return { items, next: more ? encodeCursor(placeOf(last)) : null }
}

const parsed = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
