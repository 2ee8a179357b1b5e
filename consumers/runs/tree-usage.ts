import { readUsage, sum, type Usage } from './read-usage.ts'
import type { SpanNode, SpanTree } from './span-tree.ts'

const FIELDS = ['inputTokens', 'outputTokens', 'costUsd'] as const

/**
 * What each span of a trace counts for: its own figures where no span below it has any. A wrapper that repeats the sum of
 * its calls does not count twice, and a call without recorded children still counts.
 */
export const countedUsage = ({ topDown }: SpanTree): ReadonlyMap<SpanNode, Usage> => {
  const covered = new Map(FIELDS.map((field) => [field, new Set<SpanNode>()]))
  const counted = new Map<SpanNode, Usage>()
  for (const node of topDown.toReversed()) {
    const own = readUsage(node.span.attributes)
    const count = (field: (typeof FIELDS)[number]): number | null => {
      const isCovered = covered.get(field)?.has(node) === true
      if (node.parent !== null && (isCovered || own[field] !== null))
        covered.get(field)?.add(node.parent)
      return isCovered ? null : own[field]
    }
    counted.set(node, {
      inputTokens: count('inputTokens'),
      outputTokens: count('outputTokens'),
      costUsd: count('costUsd'),
    })
  }
  return counted
}

/** What the spans of a run used together; null where none of them says. */
export const usageOf = ({ nodes }: SpanTree, counted: ReadonlyMap<SpanNode, Usage>): Usage => {
  const own = nodes.flatMap((node) => counted.get(node) ?? [])
  return {
    inputTokens: sum(own, 'inputTokens'),
    outputTokens: sum(own, 'outputTokens'),
    costUsd: sum(own, 'costUsd'),
  }
}
