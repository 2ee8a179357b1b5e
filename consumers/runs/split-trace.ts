import { sha256 } from '../../schemas/canonical-json.ts'
import { readError, type StepError } from './read-error.ts'
import { inOrder, lastToEnd, type SpanNode, type SpanTree, uppermostOf } from './span-tree.ts'

/** A trace is split into so many runs; further agents stay in the first. */
const MOST_RUNS = 2000
const MOST_ABOVE = 100

/** The spans of a trace that are one run. */
export interface RunPart {
  /** The key of the run: the trace's id, or one made of it for each further agent. */
  readonly key: string
  readonly main: SpanNode | null
  readonly tree: SpanTree
  /** Spans above several agents, of which every run of the trace is a part. */
  readonly above: readonly SpanNode[]
  /** The error that ended it. */
  readonly error: StepError | null
}

/**
 * One run per root agent, which is an agent under a real root with no agent above it. The first has the key of the trace
 * and all spans that belong to no other; each further one what is below it. An agent whose parent is missing may turn out
 * to be a part of another, so it makes no run beside one. Without an agent the trace is one run.
 */
export const splitTrace = (traceId: string, tree: SpanTree): readonly RunPart[] => {
  const { nodes: agents, rooted } = uppermostOf(tree, 'agent')
  const main = agents[0] ?? uppermostOf(tree, 'workflow').nodes[0] ?? null
  const others = rooted ? agents.slice(1, MOST_RUNS) : []
  if (main === null || others.length === 0)
    return [{ key: traceId, main, tree, above: [], error: errorOf(tree, main) }]
  const owners = ownersOf(tree, others)
  const own = Map.groupBy(tree.topDown, (node) => owners.get(node) ?? main)
  const failed = failedWithRequest([main, ...others])
  return [main, ...others].map((agent) => ({
    key: agent === main ? traceId : keyOf(traceId, agent),
    main: agent,
    tree: partOf(own.get(agent) ?? []),
    above: agent === main ? [] : nearestAbove(agent),
    error: readError(agent.span) ?? failed.get(agent) ?? null,
  }))
}

/** The same for the same span in every assembly. */
const keyOf = (traceId: string, { span }: SpanNode): string =>
  sha256(`${traceId} ${span.row.SpanId}`).slice(0, 32)

/** The further agent that a span is below or is itself; nothing for the spans of the first. */
const ownersOf = (
  { topDown }: SpanTree,
  others: readonly SpanNode[],
): ReadonlyMap<SpanNode, SpanNode> => {
  const owners = new Map(others.map((agent) => [agent, agent]))
  for (const node of topDown) {
    const owner = node.parent === null ? undefined : owners.get(node.parent)
    if (owner !== undefined) owners.set(node, owner)
  }
  return owners
}

/** A part as a tree of its own. What is above it stays reachable by `parent`. */
const partOf = (topDown: readonly SpanNode[]): SpanTree => {
  const own = new Set(topDown)
  return {
    nodes: inOrder(topDown),
    topDown,
    roots: topDown.filter(({ parent }) => parent === null || !own.has(parent)),
  }
}

const nearestAbove = ({ parent }: SpanNode): readonly SpanNode[] => {
  const above: SpanNode[] = []
  for (let node = parent; node !== null && above.length < MOST_ABOVE; node = node.parent)
    above.push(node)
  return above
}

/** The agent's own error, else that of the request around it; without an agent, of the root that ended last. */
const errorOf = ({ roots }: SpanTree, main: SpanNode | null): StepError | null => {
  // A call that failed and was made again is no failure.
  const last = lastToEnd(roots)
  if (main === null) return last === null ? null : readError(last.span)
  const around = roots.find(({ span }) => span.row.ParentSpanId === '')
  return readError(main.span) ?? (around === undefined ? null : readError(around.span))
}

/** A request that failed though none of its agents did failed in the last of them. */
const failedWithRequest = (agents: readonly SpanNode[]): ReadonlyMap<SpanNode, StepError> => {
  const failed = new Map<SpanNode, StepError>()
  for (const [root, around] of Map.groupBy(agents, rootOf)) {
    const error = around.some(({ span }) => readError(span) !== null) ? null : readError(root.span)
    const last = lastToEnd(around)
    if (last !== null && error !== null) failed.set(last, error)
  }
  return failed
}

const rootOf = (node: SpanNode): SpanNode => {
  let root = node
  while (root.parent !== null) root = root.parent
  return root
}
