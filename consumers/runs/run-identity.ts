import { ATTRIBUTES } from '../../schemas/attribute-names.ts'
import { type Attributes, firstOf } from './attributes.ts'
import { KEYS } from './dialect-keys.ts'
import type { SpanNode } from './span-tree.ts'

/** Whose run it is, and of what. */
export interface RunIdentity {
  readonly agent: string
  readonly agentVersion: string | null
  readonly promptName: string | null
  readonly promptVersion: string | null
  readonly taskType: string | null
  readonly sessionId: string | null
  readonly userId: string | null
}

const LONGEST_NAME = 200

/** The main span first, then the others in the order given; what spans do not say the resource may. */
export const readIdentity = (nodes: readonly SpanNode[], main: SpanNode | null): RunIdentity => {
  const order = main === null ? nodes : [main, ...nodes]
  const resource = order[0]?.span.row.ResourceAttributes ?? {}
  const prompt = promptOf(order)
  const identity = {
    agentVersion:
      across(order, KEYS.agentVersion) ??
      firstOf(resource, ['gen_ai.agent.version', 'service.version']),
    promptName: prompt.name,
    promptVersion: prompt.version,
    taskType: across(order, [ATTRIBUTES.taskType]) ?? firstOf(resource, [ATTRIBUTES.taskType]),
    sessionId: across(order, KEYS.session) ?? across(order, KEYS.lastSession),
    userId: across(order, KEYS.user),
  }
  return { agent: agentOf(order, main, resource).slice(0, LONGEST_NAME), ...shortened(identity) }
}

const shortened = <Names extends Readonly<Record<string, string | null>>>(names: Names): Names =>
  Object.fromEntries(
    Object.entries(names).map(([key, name]) => [key, name?.slice(0, LONGEST_NAME) ?? null]),
  ) as Names

const across = (nodes: readonly SpanNode[], keys: readonly string[]): string | null => {
  for (const { span } of nodes) {
    const value = firstOf(span.attributes, keys)
    if (value !== null) return value
  }
  return null
}

const agentOf = (order: readonly SpanNode[], main: SpanNode | null, resource: Attributes): string =>
  (main === null ? null : nameOfAgent(main)) ??
  firstOf(resource, [ATTRIBUTES.agent]) ??
  (main === null ? across(order, KEYS.agentOfCall) : null) ??
  order.map(({ span }) => span.row.ServiceName).find((name) => name !== '') ??
  'unknown'

/** Span names that name no agent: operations of an SDK. */
const NAMELESS =
  /^(ai\.\w+|invoke_agent|invoke_workflow|create_agent|agent( run|_turn)?|run|step \d+)$/i
const OPERATION = /^(invoke_agent|agent run:?)\s+/i

/** The name of an agent or workflow span: its attribute, else for an agent what its span is called. */
export const nameOfAgent = ({ span, kind }: SpanNode): string | null => {
  const named = firstOf(span.attributes, KEYS.agentName)
  if (named !== null || kind !== 'agent') return named
  const name = span.row.SpanName.replace(OPERATION, '')
    .replace(/^(['"])(.*)\1$/, '$2')
    .trim()
  // The AI SDK calls the span of a nameless agent after its model.
  const isModel = KEYS.model.some((key) => span.attributes[key] === name)
  return name === '' || NAMELESS.test(name) || isModel ? null : name
}

/** Name and version of one prompt: both from the span that names it. */
const promptOf = (
  nodes: readonly SpanNode[],
): { readonly name: string | null; readonly version: string | null } => {
  const named = nodes.find(({ span }) => firstOf(span.attributes, KEYS.promptName) !== null)
  if (named !== undefined)
    return {
      name: firstOf(named.span.attributes, KEYS.promptName),
      version: firstOf(named.span.attributes, KEYS.promptVersion),
    }
  const version = across(nodes, KEYS.promptVersion)
  return version === null ? flagOf(nodes) : { name: null, version }
}

/** A prompt that came as a feature flag: the flag is its name, the variant its version. */
const flagOf = (
  nodes: readonly SpanNode[],
): { readonly name: string | null; readonly version: string | null } => {
  for (const { span } of nodes)
    for (const { name, attributes } of span.events)
      if (name === 'feature_flag.evaluation')
        return {
          name: attributes['feature_flag.key'] ?? null,
          version:
            firstOf(attributes, ['feature_flag.result.variant', 'feature_flag.variant']) ?? null,
        }
  return { name: null, version: null }
}
