import { sha256 } from '../../schemas/canonical-json.ts'

/** Hex digits of a digest that fit into the 53 bits of a number. */
const DIGITS = 13

/**
 * A name as a number from 1 on, 0 for none: 52 bits of its sha-256. Among a million names two are taken for one with a
 * probability of one in ten thousand.
 */
export const nameNumber = (name: string | null): number =>
  name === null ? 0 : Number.parseInt(sha256(name).slice(0, DIGITS), 16) + 1
