import type { RunStep } from '../../schemas/agent-run.ts'
import type { JsonSchema } from './check-schema.ts'

/** What the evaluators look at. */
export interface RunFacts {
  /** The answer; null where it was not recorded, which is not the same as empty. */
  readonly output: string | null
  /** In order of start; a wrapper and what it wraps are one call. */
  readonly toolCalls: readonly RunStep[]
  /** The last call of a model. */
  readonly lastCall: RunStep | null
  /** Parameters that the agent declares for its tools, by tool name. */
  readonly toolSchemas: ReadonlyMap<string, JsonSchema>
  /** The last answer of the model, where the agent declares what it is to be. */
  readonly structured: { readonly text: string; readonly schema: JsonSchema } | null
}

/** What a detector found: the score that it gives, and why in words of its own; null where it found nothing. */
export interface Finding {
  readonly value: number
  readonly explanation: string
}
