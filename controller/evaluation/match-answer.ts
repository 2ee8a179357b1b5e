import { Ajv, type ValidateFunction } from 'ajv'
import { canonicalJson } from '../../schemas/canonical-json.ts'
import type { Scorer } from '../../schemas/task.ts'

/** An answer as text: a string as it is, anything else as JSON. */
export const answerText = (output: unknown): string =>
  typeof output === 'string' ? output : (canonicalJson(output) ?? '')

/** Whether an answer satisfies one scorer. White space at both ends never decides. */
export const matchAnswer = (scorer: Scorer, output: unknown): boolean => {
  const text = answerText(output)
  switch (scorer.type) {
    case 'exact':
      return text.trim() === scorer.value.trim()
    case 'contains':
      return contains(text, scorer.value, scorer.caseSensitive ?? false) !== (scorer.not ?? false)
    case 'regex':
      return new RegExp(scorer.pattern, scorer.flags).test(text)
    case 'json-schema': {
      const value = jsonOf(output)
      return value !== undefined && validator(scorer.schema)(value)
    }
    case 'numeric': {
      const found = numberOf(output)
      return found !== null && Math.abs(found - scorer.value) <= scorer.tolerance
    }
  }
}

/** Why a scorer cannot be used at all (its pattern or schema does not compile), or null. */
export const scorerProblem = (scorer: Scorer): string | null => {
  try {
    if (scorer.type === 'regex') new RegExp(scorer.pattern, scorer.flags)
    if (scorer.type === 'json-schema') validator(scorer.schema)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const contains = (text: string, part: string, caseSensitive: boolean): boolean =>
  caseSensitive ? text.includes(part) : text.toLowerCase().includes(part.toLowerCase())

const jsonOf = (output: unknown): unknown => {
  if (typeof output !== 'string') return output
  try {
    return JSON.parse(output)
  } catch {
    return undefined
  }
}

const NUMBER = /[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?/g

/** The number of an answer: itself, or the last number in its text, where answers put their result. */
const numberOf = (output: unknown): number | null => {
  if (typeof output === 'number') return output
  const last = answerText(output).match(NUMBER)?.at(-1)
  return last === undefined ? null : Number(last.replaceAll(',', ''))
}

const ajv = new Ajv({ strict: false, addUsedSchema: false })
const validators = new WeakMap<object, ValidateFunction>()

/** Compiled once per schema object, not per answer; `addUsedSchema` off lets two tasks use one `$id`. */
const validator = (schema: Readonly<Record<string, unknown>>): ValidateFunction => {
  const compiled = validators.get(schema) ?? ajv.compile(schema)
  validators.set(schema, compiled)
  return compiled
}
