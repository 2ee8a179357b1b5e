import { coarseFingerprint, OTHER_FINGERPRINT } from './coarse-fingerprint.ts'
import type { Fingerprint } from './fingerprint-of.ts'

/** The distinct fingerprints of an agent, by number. Numbers of what no failure has any more are used again. */
export interface FingerprintTable {
  readonly numbers: Map<string, number>
  readonly held: (Held | null)[]
  readonly free: number[]
  /** One string for each text, however many fingerprints have it. */
  readonly texts: Map<string, string>
}

interface Held {
  readonly fingerprint: Fingerprint
  failures: number
}

/** Beyond, only the failing steps are told apart; a thousand of them beyond that, nothing. */
export const MOST_FINGERPRINTS = 20_000
const MOST_COARSE = MOST_FINGERPRINTS + 1000
const MOST_TEXTS = 200_000

export const fingerprintTable = (): FingerprintTable => ({
  numbers: new Map(),
  held: [],
  free: [],
  texts: new Map(),
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
    table.held[number] = { fingerprint: compact(table, fingerprint), failures: 0 }
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
  table.numbers.delete(held.fingerprint.key)
  table.held[number] = null
  table.free.push(number)
}

export const fingerprintAt = (table: FingerprintTable, number: number): Fingerprint =>
  table.held[number]?.fingerprint ?? OTHER_FINGERPRINT

/**
 * Shares equal texts, and copies new ones: what was cut out of a long text would keep the whole of it in memory. The span
 * is of one failure, and not kept.
 */
const compact = (table: FingerprintTable, fingerprint: Fingerprint): Fingerprint => {
  if (table.texts.size > MOST_TEXTS) forgetTexts(table)
  const shared = (text: string): string => {
    const known = table.texts.get(text)
    if (known !== undefined) return known
    const copy = JSON.parse(JSON.stringify(text)) as string
    table.texts.set(copy, copy)
    return copy
  }
  return {
    key: shared(fingerprint.key),
    template: shared(fingerprint.template),
    failingStep: fingerprint.failingStep,
    spanId: null,
    features: fingerprint.features.map(shared),
  }
}

/** Keeps the texts of fingerprints that are held. */
const forgetTexts = ({ held, texts }: FingerprintTable): void => {
  texts.clear()
  for (const one of held)
    if (one !== null)
      for (const text of [one.fingerprint.template, ...one.fingerprint.features])
        texts.set(text, text)
}

/** Every fingerprint with the number of failures that have it. */
export const heldFingerprints = function* ({
  held,
}: FingerprintTable): Generator<{ readonly fingerprint: Fingerprint; readonly weight: number }> {
  for (const one of held)
    if (one !== null) yield { fingerprint: one.fingerprint, weight: one.failures }
}
