/** Replaces what must not leave the process in one text. */
export type Redact = (text: string) => string

const PERSONAL: readonly (readonly [RegExp, string])[] = [
  [/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, '[email]'],
  [/\b(?:sk|pk|ghp|gho|xox[abp])[-_][\w-]{16,}\b/g, '[key]'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+\b/g, '[token]'],
  [/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g, '[iban]'],
  [/\b\d(?:[ -]?\d){12,18}\b/g, '[card]'],
  [/(?<![\w.])\+\d(?:[ ()./-]?\d){7,14}\b/g, '[phone]'],
]

/**
 * Masks e-mail addresses, API keys, tokens, IBANs, card numbers (13–19 digits) and international phone numbers. It is a
 * net for accidents, no proof of anonymity.
 */
export const redactPersonal: Redact = (text) =>
  PERSONAL.reduce((masked, [pattern, mark]) => masked.replace(pattern, mark), text)

const DEEPEST = 32

/** Applies `redact` to every string inside a value; keys and other values stay. */
export const redactValue = (value: unknown, redact: Redact, depth = 0): unknown => {
  if (typeof value === 'string') return redact(value)
  if (depth >= DEEPEST || value === null || typeof value !== 'object') return value
  if (ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return value.map((part) => redactValue(part, redact, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, redactValue(part, redact, depth + 1)]),
  )
}
