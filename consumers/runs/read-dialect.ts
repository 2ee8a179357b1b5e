import type { Span } from './read-spans.ts'

interface DialectSigns {
  readonly name: string
  readonly scopes?: RegExp
  readonly keys: RegExp
}

/** Vendors first: most of them write the common names beside their own. */
const VENDORS: readonly DialectSigns[] = [
  { name: 'langfuse', scopes: /^langfuse-sdk$/, keys: /^langfuse\.(observation|trace)\./ },
  { name: 'openinference', scopes: /openinference/, keys: /^openinference\.span\.kind$/ },
  {
    name: 'traceloop',
    scopes: /^@?traceloop/,
    keys: /^traceloop\.|^gen_ai\.(prompt|completion)\.\d+\.|^llm\.(request\.type|usage\.total_tokens|(prompts|completions)\.\d+\..*)$/,
  },
  {
    name: 'logfire',
    scopes: /^logfire\.(openai|anthropic|google_genai|litellm)/,
    keys: /^(request|response)_data$/,
  },
  { name: 'langsmith', scopes: /^langsmith$/, keys: /^langsmith\./ },
  { name: 'pydantic-ai', scopes: /^pydantic-ai$/, keys: /^pydantic_ai\./ },
  { name: 'mastra', scopes: /^@?mastra/, keys: /^mastra\./ },
  { name: 'genkit', scopes: /^genkit/, keys: /^genkit:/ },
  { name: 'google-adk', scopes: /^gcp\.vertex\.agent$/, keys: /^gcp\.vertex\.agent\./ },
  { name: 'livekit', scopes: /^livekit/, keys: /^lk\./ },
  { name: 'mlflow', keys: /^mlflow\.span/ },
  {
    name: 'ai-sdk',
    scopes: /^(ai|gen_ai)$/,
    keys: /^ai\.(operationId|model|usage|response|toolCall|prompt|telemetry)\b/,
  },
]

const PREVIOUS = /^gen_ai\.(system|prompt|completion|usage\.(prompt|completion)_tokens)$/
const PREVIOUS_EVENT =
  /^gen_ai\.((system|user|assistant|tool)\.message|choice|content\.(prompt|completion))$/

/**
 * Which convention a span follows: a vendor's, `gen-ai` (current names), `gen-ai-previous` (names that were replaced),
 * `mcp`, or null for a span that has nothing to do with a model.
 */
export const readDialect = (span: Span): string | null => {
  const keys = Object.keys(span.attributes)
  for (const { name, scopes, keys: own } of VENDORS)
    if (scopes?.test(span.row.ScopeName) === true || keys.some((key) => own.test(key))) return name
  const previous =
    keys.some((key) => PREVIOUS.test(key)) ||
    span.events.some(({ name }) => PREVIOUS_EVENT.test(name))
  if (previous) return 'gen-ai-previous'
  // Stamped identity alone is no dialect: a plain span of an instrumented process carries it too.
  if (keys.some((key) => /^gen_ai\.(?!agent\.|prompt\.(name|version)|conversation\.)/.test(key)))
    return 'gen-ai'
  return keys.some((key) => key.startsWith('mcp.')) ? 'mcp' : null
}
