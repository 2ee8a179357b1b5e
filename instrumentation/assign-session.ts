import { createHash } from 'node:crypto'

/**
 * Whether a session belongs to the canary: the first four bytes (big endian) of sha256(`${salt}:${session}`), divided by
 * 2³², are below the weight. A session keeps its side while the weight grows.
 */
export const isCanarySession = (
  session: string,
  canary: { weight: number; salt: string },
): boolean =>
  createHash('sha256').update(`${canary.salt}:${session}`).digest().readUInt32BE(0) / 2 ** 32 <
  canary.weight
