import type { Finding, RunFacts } from './run-facts.ts'

const found = (explanation: string): Finding => ({ value: 0, explanation })

/** The answer was recorded and holds nothing, or the last call of the model gave no token. */
export const emptyOutput = ({ output, lastCall }: RunFacts): Finding | null => {
  if (output !== null && isBlank(output)) return found('The answer is empty.')
  return lastCall?.outputTokens === 0 && (output === null || isBlank(output))
    ? found('The last call of the model gave no token.')
    : null
}

/** So much of a JSON text is looked at: what is longer is not empty. */
const LONGEST_BLANK = 2000

const isBlank = (output: string): boolean => {
  const text = output.trim()
  if (text === '' || text === 'null') return true
  if (text.length > LONGEST_BLANK || !/^[[{"]/.test(text)) return false
  try {
    return holdsNothing(JSON.parse(text), 0)
  } catch {
    return false
  }
}

/** Keys of messages that say what a text is, and hold none. */
const FORM = new Set(['role', 'type', 'name', 'id', 'finish_reason', 'finishReason'])

const holdsNothing = (value: unknown, depth: number): boolean => {
  if (value === null || depth > 8) return depth <= 8
  if (typeof value === 'string') return value.trim() === ''
  if (Array.isArray(value)) return value.every((one) => holdsNothing(one, depth + 1))
  if (typeof value !== 'object') return false
  const entries = Object.entries(value)
  if (entries.some(([key, one]) => key === 'type' && one !== 'text')) return false
  // A structure without messages is an answer of its own, however little it holds.
  const isMessage = entries.some(([key]) => key === 'role' || key === 'type')
  return (
    (isMessage || entries.length === 0) &&
    entries.every(([key, one]) => FORM.has(key) || holdsNothing(one, depth + 1))
  )
}

/** Refusals begin an answer and are short; one who goes on to help has not refused. */
const LONGEST_REFUSAL = 400
const REFUSAL =
  /^(?:(?:i['’]?m|i am) (?:really |very |so )?sorry|sorry|i apologi[sz]e|unfortunately|as an ai\b[^.]{0,60})?[,.;!]?\s*(?:but )?(?:i(?:['’]m| am) (?:unable|not able)|i (?:can(?:no|['’])t|won['’]t|will not|must decline))\s+(?:to )?(?:help|assist|comply|fulfil+|provide|answer|do|complete|support|engage)(?: you)? with (?:that|this|your)\b/i

/** The model refused, by its finish reason or in the words in which models refuse. */
export const refusedOutput = ({ output, lastCall }: RunFacts): Finding | null => {
  if (lastCall?.error?.type === 'finish_reason.content_filter')
    return found('The last answer of the model was withheld by a filter.')
  const text = output?.trim() ?? ''
  return text.length <= LONGEST_REFUSAL && REFUSAL.test(text)
    ? found('The answer is a refusal.')
    : null
}

/** The last answer of the model ended at the limit of tokens. */
export const truncatedOutput = ({ lastCall }: RunFacts): Finding | null =>
  /^finish_reason\.(length|max_tokens)$/.test(lastCall?.error?.type ?? '')
    ? found('The last answer of the model was cut off by its limit of tokens.')
    : null
