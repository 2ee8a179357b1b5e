import type { StepKind } from '../../schemas/agent-run.ts'
import { readDialect } from './read-dialect.ts'
import { readKind } from './read-kind.ts'
import type { Span } from './read-spans.ts'

/** A span in its place. */
export interface SpanNode {
  readonly span: Span
  readonly kind: StepKind
  readonly dialect: string | null
  /** null for a root, and where the parent is not there or would be its own ancestor. */
  readonly parent: SpanNode | null
  readonly children: readonly SpanNode[]
}

export interface SpanTree {
  /** In order of start; a parent comes before children that start with it. */
  readonly nodes: readonly SpanNode[]
  /** Every parent before its children. */
  readonly topDown: readonly SpanNode[]
  readonly roots: readonly SpanNode[]
}

type Growing = { -readonly [Key in keyof SpanNode]: SpanNode[Key] } & {
  parent: Growing | null
  readonly children: Growing[]
}

/**
 * The spans of a trace by their parent links. A span whose parent is missing is a root; of a cycle the earliest span
 * becomes one. Spans come in order of start, as `readSpans` gives them.
 */
export const spanTree = (spans: readonly Span[]): SpanTree => {
  const nodes = spans.map(growingNode)
  const byId = new Map(nodes.map((node) => [node.span.row.SpanId, node]))
  for (const node of nodes) {
    const parent = byId.get(node.span.row.ParentSpanId)
    node.parent = parent === undefined || parent === node ? null : parent
  }
  for (const node of nodes) node.parent?.children.push(node)
  const roots = nodes.filter(({ parent }) => parent === null)
  const topDown = [...roots]
  const seen = new Set(roots)
  let next = visitBelow(topDown, seen, 0)
  // What no root reaches hangs on a cycle.
  for (const node of nodes) {
    if (seen.has(node)) continue
    const root = cutCycle(node)
    roots.push(root)
    topDown.push(root)
    seen.add(root)
    next = visitBelow(topDown, seen, next)
  }
  return { nodes: inOrder(topDown), topDown, roots: roots.sort(byStart) }
}

const growingNode = (span: Span): Growing => ({
  span,
  kind: readKind({
    attributes: span.attributes,
    scope: span.row.ScopeName,
    spanName: span.row.SpanName,
  }),
  dialect: readDialect(span),
  parent: null,
  children: [],
})

/** Appends what is below the nodes from a place on; answers the place behind the last one. */
const visitBelow = (topDown: Growing[], seen: Set<Growing>, from: number): number => {
  let place = from
  for (; place < topDown.length; place++)
    for (const child of topDown[place]?.children ?? []) {
      if (seen.has(child)) continue
      seen.add(child)
      topDown.push(child)
    }
  return place
}

/** Makes the earliest span of the cycle above a node a root. */
const cutCycle = (node: Growing): Growing => {
  const above = new Set<Growing>()
  let at: Growing = node
  while (!above.has(at) && at.parent !== null) {
    above.add(at)
    at = at.parent
  }
  const cycle = [at]
  for (let other = at.parent; other !== null && other !== at; other = other.parent)
    cycle.push(other)
  const root = cycle.toSorted(byStart)[0] ?? node
  if (root.parent !== null) {
    root.parent.children.splice(root.parent.children.indexOf(root), 1)
    root.parent = null
  }
  return root
}

/** The clocks of one process differ by so much: spans measure their starts apart. */
const CLOCK_NOISE_NS = 2_000_000n

/** In order of start, a parent before a child that seems to start a moment before it. */
export const inOrder = (topDown: readonly SpanNode[]): readonly SpanNode[] => {
  const starts = new Map<SpanNode, bigint>()
  for (const node of topDown) {
    const { startNs } = node.span
    const above = node.parent === null ? undefined : starts.get(node.parent)
    const isNoise = above !== undefined && startNs < above && above - startNs <= CLOCK_NOISE_NS
    starts.set(node, isNoise ? above : startNs)
  }
  const startOf = (node: SpanNode): bigint => starts.get(node) ?? node.span.startNs
  return topDown.toSorted((a, b) => compare(startOf(a), startOf(b)))
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

/** By start alone: a stable sort keeps parents, which come first in `topDown`, before children of the same start. */
const byStart = (a: SpanNode, b: SpanNode): number => compare(a.span.startNs, b.span.startNs)

/** The spans of a kind that have none of that kind below them: a wrapper and what it wraps are one call. */
export const leavesOf = ({ topDown, nodes }: SpanTree, kind: StepKind): readonly SpanNode[] => {
  const wrappers = new Set<SpanNode>()
  for (const node of topDown.toReversed())
    if (node.parent !== null && (node.kind === kind || wrappers.has(node)))
      wrappers.add(node.parent)
  return nodes.filter((node) => node.kind === kind && !wrappers.has(node))
}

/** Those of a kind with none of the kind above them. */
export interface Uppermost {
  /** In order of start. */
  readonly nodes: readonly SpanNode[]
  /** They are under real roots. Where all are under spans whose parent is missing, those are the nodes. */
  readonly rooted: boolean
}

/** Under a real root go before those whose parent is missing, which then are left out. */
export const uppermostOf = ({ topDown }: SpanTree, kind: StepKind): Uppermost => {
  const below = new Set<SpanNode>()
  const orphaned = new Set<SpanNode>()
  const found: SpanNode[] = []
  for (const node of topDown) {
    const { parent } = node
    const isBelow = parent !== null && (parent.kind === kind || below.has(parent))
    if (isBelow) below.add(node)
    if (parent === null ? node.span.row.ParentSpanId !== '' : orphaned.has(parent))
      orphaned.add(node)
    if (node.kind === kind && !isBelow) found.push(node)
  }
  const underRoots = found.filter((node) => !orphaned.has(node))
  const rooted = underRoots.length > 0
  return { nodes: (rooted ? underRoots : found).sort(byStart), rooted }
}

/** The last of equals; null of none. */
export const lastToEnd = (nodes: readonly SpanNode[]): SpanNode | null =>
  nodes.reduce<SpanNode | null>(
    (last, node) => (last === null || endNs(node) >= endNs(last) ? node : last),
    null,
  )

export const endNs = ({ span }: SpanNode): bigint => span.startNs + span.durationNs
