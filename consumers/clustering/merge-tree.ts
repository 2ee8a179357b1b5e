import { weightAt } from './prepare-points.ts'
import type { SpanningTree } from './spanning-tree.ts'

/**
 * The single-linkage hierarchy. Nodes 0 … rows − 1 are the rows; node rows + e is what edge e of the spanning tree made
 * of its two parts. The last node is the root. What was merged at one level is one node to who reads it by `partsOf`.
 */
export interface MergeTree {
  readonly rows: number
  readonly nodes: number
  /** Parts of the nodes above the rows, and the distance at which they merged, ascending. */
  readonly left: Int32Array
  readonly right: Int32Array
  readonly levels: Float64Array
  readonly rowWeights: Float64Array | null
  readonly mergedWeights: Float64Array
  readonly ties: TieOrder
}

/**
 * How edges of exactly equal length are merged. `simultaneous` makes the hierarchy a function of the set of points;
 * one after the other is what other implementations do and serves to compare with them.
 */
export type TieOrder = 'simultaneous' | 'sequential'

/** Turns the spanning tree, which is used up, into the hierarchy. Its edges come in ascending order. */
export const mergeTree = (
  { from, to, lengths }: SpanningTree,
  rows: number,
  rowWeights: Float64Array | null,
  ties: TieOrder = 'simultaneous',
): MergeTree => {
  const mergedWeights = new Float64Array(lengths.length)
  const above = new Int32Array(rows)
  const nodeOf = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    above[row] = row
    nodeOf[row] = row
  }
  const tree: MergeTree = {
    rows,
    nodes: rows + lengths.length,
    left: from,
    right: to,
    levels: lengths,
    rowWeights,
    mergedWeights,
    ties,
  }
  for (let edge = 0; edge < lengths.length; edge++) {
    const one = topOf(above, from[edge] as number)
    const other = topOf(above, to[edge] as number)
    from[edge] = nodeOf[one] as number
    to[edge] = nodeOf[other] as number
    mergedWeights[edge] = weightOf(tree, from[edge] as number) + weightOf(tree, to[edge] as number)
    above[other] = one
    nodeOf[one] = rows + edge
  }
  return tree
}

const topOf = (above: Int32Array, row: number): number => {
  let at = row
  while (above[at] !== at) {
    above[at] = above[above[at] as number] as number
    at = above[at] as number
  }
  return at
}

export const weightOf = ({ rows, rowWeights, mergedWeights }: MergeTree, node: number): number =>
  node < rows ? weightAt(rowWeights, node) : (mergedWeights[node - rows] as number)

export const levelOf = ({ rows, levels }: MergeTree, node: number): number =>
  levels[node - rows] as number

/** What a node above the rows is made of: two parts or, where more merged at its level, all of them. */
export const partsOf = (tree: MergeTree, node: number): readonly number[] => {
  const { rows, left, right, ties } = tree
  const level = levelOf(tree, node)
  const parts: number[] = []
  const pending = [node]
  for (let at = pending.pop(); at !== undefined; at = pending.pop())
    if (at === node || (ties === 'simultaneous' && at >= rows && levelOf(tree, at) === level))
      pending.push(left[at - rows] as number, right[at - rows] as number)
    else parts.push(at)
  return parts
}

/** Calls `visit` for every row of a node. */
export const eachRow = (
  { rows, left, right }: MergeTree,
  top: number,
  visit: (row: number) => void,
): void => {
  const pending = [top]
  for (let node = pending.pop(); node !== undefined; node = pending.pop())
    if (node < rows) visit(node)
    else pending.push(left[node - rows] as number, right[node - rows] as number)
}
