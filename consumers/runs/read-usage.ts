import { type Attributes, firstOf, isObject, jsonOf, numberOf } from './attributes.ts'
import { KEYS } from './dialect-keys.ts'

/** What a span says that it used. null is unknown, which is not zero. */
export interface Usage {
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly costUsd: number | null
}

export const readUsage = (attributes: Attributes): Usage => {
  const details = detailsOf(attributes)
  return {
    inputTokens: tokens(firstOf(attributes, KEYS.inputTokens)) ?? tokens(memberOf(details, INPUT)),
    outputTokens:
      tokens(firstOf(attributes, KEYS.outputTokens)) ?? tokens(memberOf(details, OUTPUT)),
    costUsd: amount(firstOf(attributes, KEYS.cost)) ?? costOf(attributes, details),
  }
}

/** One word in many spellings, those of Gemini's API last. */
const INPUT = ['input', 'input_tokens', 'inputTokens', 'prompt_tokens', 'promptTokens'].concat(
  'prompt_token_count',
  'promptTokenCount',
)
const OUTPUT = [
  'output',
  'output_tokens',
  'outputTokens',
  'completion_tokens',
  'completionTokens',
].concat('candidates_token_count', 'candidatesTokenCount')

type Details = Readonly<Record<string, unknown>>

/** Usage as one object: an attribute of it, or inside the answer that an attribute holds. */
const detailsOf = (attributes: Attributes): Details => {
  for (const key of KEYS.usageDetails) {
    const value = jsonOf(attributes[key])
    if (!isObject(value)) continue
    const inside = value['usage'] ?? value['usage_metadata'] ?? value['usageMetadata'] ?? value
    if (isObject(inside) && memberOf(inside, [...INPUT, ...OUTPUT]) !== null) return inside
  }
  return {}
}

const memberOf = (details: Details, names: readonly string[]): string | null => {
  for (const name of names) {
    const value = details[name]
    if (typeof value === 'number') return String(value)
  }
  return null
}

/** A total, else the sum of what was named. */
const costOf = (attributes: Attributes, details: Details): number | null => {
  const costs = jsonOf(attributes['langfuse.observation.cost_details'])
  if (!isObject(costs)) return amount(memberOf(details, ['total_cost', 'totalCost']))
  const parts = Object.values(costs).filter((cost) => typeof cost === 'number')
  const total = parts.reduce((all, cost) => all + cost, 0)
  return amount(memberOf(costs, ['total']) ?? (parts.length === 0 ? null : String(total)))
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
