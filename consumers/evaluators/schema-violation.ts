import { type JsonSchema, violationOf } from './check-schema.ts'
import type { Finding, RunFacts } from './run-facts.ts'

/**
 * The answer breaks the schema that the agent declares for it, or the last call of a tool breaks that tool's. A call
 * that was made again rightly is no failure.
 */
export const schemaViolation = ({
  structured,
  toolCalls,
  toolSchemas,
}: RunFacts): Finding | null => {
  const ofOutput = structured === null ? null : breaks(structured.text, structured.schema)
  if (ofOutput !== null) return found(`The answer breaks its declared schema at ${ofOutput}.`)
  for (const [tool, schema] of toolSchemas) {
    const last = toolCalls.findLast(({ name }) => name === tool)
    const at = typeof last?.input === 'string' ? breaks(last.input, schema) : null
    if (at !== null) return found(`The last call of a tool breaks its declared schema at ${at}.`)
  }
  return null
}

const found = (explanation: string): Finding => ({ value: 0, explanation })

const breaks = (text: string, schema: JsonSchema): string | null => {
  try {
    return violationOf(JSON.parse(text), schema)
  } catch {
    return '/'
  }
}
