import { readUsage, type Usage, usageOfTree } from './read-usage.ts'
import type { SpanNode, SpanTree } from './span-tree.ts'

const UNKNOWN: Usage = { inputTokens: null, outputTokens: null, costUsd: null }

/** What a whole trace used, summed over its leaves. */
export const treeUsage = ({ topDown, roots }: SpanTree): Usage => {
  const used = new Map<SpanNode, Usage>()
  const partsOf = (nodes: readonly SpanNode[]): readonly Usage[] =>
    nodes.map((node) => used.get(node) ?? UNKNOWN)
  for (const node of topDown.toReversed())
    used.set(node, usageOfTree(readUsage(node.span.attributes), partsOf(node.children)))
  return usageOfTree(UNKNOWN, partsOf(roots))
}
