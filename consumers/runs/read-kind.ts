import type { StepKind } from '../../schemas/agent-run.ts'
import { type Attributes, firstOf } from './attributes.ts'
import { KEYS } from './dialect-keys.ts'

const table = (kinds: Partial<Record<StepKind, string>>): ReadonlyMap<string, StepKind> =>
  new Map(
    Object.entries(kinds).flatMap(([kind, values]) =>
      values.split(' ').map((value) => [value, kind as StepKind] as const),
    ),
  )

/** Values of `gen_ai.operation.name`, an open list. */
const OPERATIONS = table({
  llm: 'chat generate_content text_completion completion generate',
  embedding: 'embeddings embedding',
  retrieval: 'retrieval search_memory rerank',
  agent: 'invoke_agent',
  workflow: 'invoke_workflow agent_step task',
  tool: 'execute_tool',
  guardrail: 'guardrail.run guard apply_guardrail',
  generic:
    'create_agent plan fetch_response create_memory update_memory upsert_memory delete_memory create_memory_store delete_memory_store',
})

/** Every other attribute that names a kind, in order of trust, with the values it is known to have. */
const SOURCES: readonly (readonly [key: string, values: ReadonlyMap<string, StepKind>])[] = [
  [
    'langfuse.observation.type',
    table({
      llm: 'generation',
      embedding: 'embedding',
      agent: 'agent',
      tool: 'tool',
      workflow: 'chain',
      retrieval: 'retriever',
      guardrail: 'guardrail',
      evaluator: 'evaluator',
      generic: 'span event',
    }),
  ],
  [
    'openinference.span.kind',
    table({
      llm: 'llm',
      embedding: 'embedding',
      workflow: 'chain',
      retrieval: 'retriever reranker',
      tool: 'tool',
      agent: 'agent',
      guardrail: 'guardrail',
      evaluator: 'evaluator',
      generic: 'prompt unknown',
    }),
  ],
  ['gen_ai.operation.name', OPERATIONS],
  ['mcp.method.name', table({ tool: 'tools/call' })],
  [
    'genkit:metadata:subtype',
    table({
      llm: 'model',
      tool: 'tool',
      workflow: 'flow',
      retrieval: 'retriever',
      embedding: 'embedder',
      evaluator: 'evaluator',
    }),
  ],
  ['ai.operationId', aiSdkOperations()],
  ['operation.name', aiSdkOperations()],
]

function aiSdkOperations(): ReadonlyMap<string, StepKind> {
  return table({
    agent: 'ai.generatetext ai.streamtext ai.generateobject ai.streamobject',
    llm: 'ai.generatetext.dogenerate ai.streamtext.dostream ai.generateobject.dogenerate ai.streamobject.dostream',
    tool: 'ai.toolcall',
    embedding: 'ai.embed.doembed ai.embedmany.doembed',
    retrieval: 'ai.rerank.dorerank',
    workflow: 'ai.embed ai.embedmany',
  })
}

const LATER_SOURCES: typeof SOURCES = [
  [
    'traceloop.span.kind',
    table({ workflow: 'workflow task', agent: 'agent', tool: 'tool', generic: 'session' }),
  ],
  [
    'llm.request.type',
    table({ llm: 'chat completion', embedding: 'embedding', retrieval: 'rerank' }),
  ],
  [
    'mastra.span.type',
    table({
      agent: 'agent_run',
      llm: 'model_generation llm_generation',
      tool: 'tool_call mcp_tool_call',
      workflow: 'workflow_run workflow_step model_step',
    }),
  ],
  [
    'langsmith.span.kind',
    table({
      llm: 'llm',
      workflow: 'chain',
      tool: 'tool',
      retrieval: 'retriever',
      embedding: 'embedding',
      generic: 'prompt parser',
    }),
  ],
]

const SPAN_NAMES = table({
  agent: 'agent_turn',
  tool: 'function_tool',
  llm: 'call_llm llm_node llm_request',
})
const PYDANTIC_AI_SPAN_NAMES = new Map<string, StepKind>([
  ['agent run', 'agent'],
  ['running tool', 'tool'],
  ['running tools', 'workflow'],
])

export interface KindFacts {
  readonly attributes: Attributes
  readonly scope: string
  readonly spanName: string
}

/** The kind of a step by the first attribute that names one; a span that carries a model is a model call. */
export const readKind = ({ attributes, scope, spanName }: KindFacts): StepKind =>
  fromTables(attributes, SOURCES) ??
  (firstOf(attributes, ['gen_ai.tool.name', 'gen_ai.tool.call.id', 'ai.toolCall.name']) === null
    ? null
    : 'tool') ??
  fromTables(attributes, LATER_SOURCES) ??
  (scope === 'pydantic-ai' ? PYDANTIC_AI_SPAN_NAMES.get(spanName) : undefined) ??
  SPAN_NAMES.get(spanName) ??
  (firstOf(attributes, KEYS.model) === null ? 'generic' : 'llm')

const fromTables = (attributes: Attributes, sources: typeof SOURCES): StepKind | null => {
  for (const [key, values] of sources) {
    // AI SDK's operation.name is `ai.toolCall <function id>`.
    const value = attributes[key]?.toLowerCase().split(' ')[0]
    const kind = value === undefined ? undefined : values.get(value)
    if (kind !== undefined) return kind
  }
  return null
}
