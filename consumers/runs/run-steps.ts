import type { RunStep } from '../../schemas/agent-run.ts'
import { firstOf } from './attributes.ts'
import { KEYS } from './dialect-keys.ts'
import { readCutShort, readError } from './read-error.ts'
import { readUsage } from './read-usage.ts'
import { nameOfAgent } from './run-identity.ts'
import type { SpanNode } from './span-tree.ts'
import { stepContent } from './step-content.ts'

/** A span as a step, its content whole. `agent` is the agent that it belongs to. */
export const runStep = (node: SpanNode, agent: string | null): RunStep => {
  const { span, kind } = node
  const { inputTokens, outputTokens } = readUsage(span.attributes)
  return {
    spanId: span.row.SpanId,
    parentSpanId: span.row.ParentSpanId === '' ? null : span.row.ParentSpanId,
    kind,
    name: stepName(node),
    agent,
    model: firstOf(span.attributes, KEYS.model),
    ...stepContent(node),
    error: readError(span) ?? (kind === 'llm' ? readCutShort(span) : null),
    startedAt: isoOfNs(span.startNs),
    durationMs: msOfNs(span.durationNs),
    inputTokens,
    outputTokens,
  }
}

const TOOL_OPERATION = /^(execute_tool|tools\/call|running tool:?)\s+/

const stepName = (node: SpanNode): string => {
  const { span, kind } = node
  const name = span.row.SpanName
  if (kind === 'tool')
    return firstOf(span.attributes, KEYS.toolName) ?? name.replace(TOOL_OPERATION, '')
  return (kind === 'agent' ? nameOfAgent(node) : null) ?? name
}

/** The name of the nearest agent above a span or at it, for every span of a tree. */
export const agentsOf = (topDown: readonly SpanNode[]): ReadonlyMap<SpanNode, string | null> => {
  const agents = new Map<SpanNode, string | null>()
  for (const node of topDown) {
    const own = node.kind === 'agent' ? nameOfAgent(node) : null
    agents.set(node, own ?? (node.parent === null ? null : (agents.get(node.parent) ?? null)))
  }
  return agents
}

export const isoOfNs = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString()
export const msOfNs = (ns: bigint): number => Number(ns) / 1e6
