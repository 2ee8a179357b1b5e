import { coarseFingerprint, OTHER_FINGERPRINT } from './coarse-fingerprint.ts'
import type { Fingerprint } from './fingerprint-of.ts'

/** The distinct fingerprints of an agent, by number. Numbers of what no failure has any more are used again. */
export interface FingerprintTable {
  readonly numbers: Map<string, number>
  readonly held: (Held | null)[]
  readonly free: number[]
}

interface Held {
  readonly key: string
  /** As JSON: one text takes a quarter of the memory of many, and holds no longer text that its words were cut out of. */
  readonly json: string
  failures: number
}

/** Beyond, only the failing steps are told apart; a thousand of them beyond that, nothing. */
export const MOST_FINGERPRINTS = 20_000
const MOST_COARSE = MOST_FINGERPRINTS + 1000

export const fingerprintTable = (): FingerprintTable => ({
  numbers: new Map(),
  held: [],
  free: [],
})

/** The fingerprint under which a failure is held: its own, or a coarser one where the table is full. */
export const admitFingerprint = (
  { numbers }: FingerprintTable,
  fingerprint: Fingerprint,
  most = MOST_FINGERPRINTS,
): Fingerprint => {
  if (numbers.size < most || numbers.has(fingerprint.key)) return fingerprint
  const coarse = coarseFingerprint(fingerprint)
  if (numbers.has(coarse.key) || numbers.size < most + (MOST_COARSE - MOST_FINGERPRINTS))
    return coarse
  return { ...OTHER_FINGERPRINT, spanId: fingerprint.spanId }
}

/** One failure more of a fingerprint; its number. */
export const acquireFingerprint = (table: FingerprintTable, fingerprint: Fingerprint): number => {
  const known = table.numbers.get(fingerprint.key)
  const number = known ?? table.free.pop() ?? table.held.length
  if (known === undefined) {
    // The span is of one failure, and not kept.
    const json = JSON.stringify({ ...fingerprint, spanId: null })
    table.held[number] = { key: fingerprint.key, json, failures: 0 }
    table.numbers.set(fingerprint.key, number)
  }
  const held = table.held[number]
  if (held) held.failures++
  return number
}

/** One failure less; the last one takes the fingerprint along. */
export const releaseFingerprint = (table: FingerprintTable, number: number): void => {
  const held = table.held[number]
  if (!held) return
  held.failures--
  if (held.failures > 0) return
  table.numbers.delete(held.key)
  table.held[number] = null
  table.free.push(number)
}

export const fingerprintAt = (table: FingerprintTable, number: number): Fingerprint => {
  const held = table.held[number]
  return held ? (JSON.parse(held.json) as Fingerprint) : OTHER_FINGERPRINT
}

/** The key alone, which costs nothing. */
export const keyAt = (table: FingerprintTable, number: number): string =>
  table.held[number]?.key ?? OTHER_FINGERPRINT.key

/** Every fingerprint with the number of failures that have it, or those whose keys are wanted. */
export const heldFingerprints = function* (
  { held }: FingerprintTable,
  wanted: (key: string) => boolean = () => true,
): Generator<{ readonly fingerprint: Fingerprint; readonly weight: number }> {
  for (const one of held)
    if (one !== null && wanted(one.key))
      yield { fingerprint: JSON.parse(one.json) as Fingerprint, weight: one.failures }
}
