import { createHash } from 'node:crypto'

export interface CanaryShare {
  /** Share of sessions in [0, 1]. */
  readonly weight: number
  readonly salt: string
}

/**
 * Which version a session gets: always the same one while the salt stands, and a session that is in the canary stays in
 * it when the weight grows. The formula is public, so that clients may apply it themselves: the first 4 bytes
 * (big-endian) of sha256 of the UTF-8 text `${salt}:${session}`, divided by 2³², less than the weight → canary.
 */
export const assignSession = (session: string, canary: CanaryShare | null): 'stable' | 'canary' => {
  if (canary === null) return 'stable'
  const hash = createHash('sha256').update(`${canary.salt}:${session}`).digest()
  return hash.readUInt32BE(0) / 2 ** 32 < canary.weight ? 'canary' : 'stable'
}
