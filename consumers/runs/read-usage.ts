import { type Attributes, firstOf, isObject, jsonOf, numberOf } from './attributes.ts'
import { KEYS } from './dialect-keys.ts'

/** What a span says that it used. null is unknown, which is not zero. */
export interface Usage {
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly costUsd: number | null
}

export const readUsage = (attributes: Attributes): Usage => ({
  inputTokens: tokens(
    firstOf(attributes, KEYS.inputTokens) ?? langfuse(attributes, 'usage', 'input'),
  ),
  outputTokens: tokens(
    firstOf(attributes, KEYS.outputTokens) ?? langfuse(attributes, 'usage', 'output'),
  ),
  costUsd: amount(firstOf(attributes, KEYS.cost) ?? langfuse(attributes, 'cost', 'total')),
})

const langfuse = (attributes: Attributes, what: string, member: string): string | null => {
  const details = jsonOf(attributes[`langfuse.observation.${what}_details`])
  const value = isObject(details) ? details[member] : undefined
  return typeof value === 'number' ? String(value) : null
}

const amount = (text: string | null): number | null => {
  const value = numberOf(text)
  return value !== null && value >= 0 ? value : null
}

const tokens = (text: string | null): number | null => {
  const value = amount(text)
  return value !== null && Number.isSafeInteger(Math.round(value)) ? Math.round(value) : null
}

/** The sum of what is known; null where nothing is. */
export const sum = (usages: readonly Usage[], field: keyof Usage): number | null =>
  usages.reduce<number | null>((total, usage) => {
    const value = usage[field]
    return value === null ? total : (total ?? 0) + value
  }, null)
