/** What is ranked: higher keys first, equal keys by id. */
export interface RankNode<Item> {
  readonly key: number
  readonly id: string
  readonly item: Item
}

/** Items in order of rank; each change and each question takes O(log n). */
export interface RankTree<Item> {
  readonly size: () => number
  readonly insert: (key: number, id: string, item: Item) => void
  /** Takes out what was inserted with this key and id. */
  readonly remove: (key: number, id: string) => void
  /** Rank of a key and id from 1 on: how many come before it, and one. */
  readonly rankOf: (key: number, id: string) => number
  /** The first of the ranking that satisfy a condition. */
  readonly first: (most: number, wanted?: (item: Item) => boolean) => Item[]
}

interface Node<Item> extends RankNode<Item> {
  /** Heap order of a treap: drawn from the id, so that equal contents make equal trees. */
  readonly weight: number
  size: number
  left: Tree<Item>
  right: Tree<Item>
}
type Tree<Item> = Node<Item> | null

/** An order-statistic treap (Seidel and Aragon 1996). */
export const rankTree = <Item>(): RankTree<Item> => {
  let root: Tree<Item> = null
  return {
    size: () => sizeOf(root),
    insert: (key, id, item) => {
      const [before, after] = split(root, key, id)
      const node = { key, id, item, weight: weightOf(id), size: 1, left: null, right: null }
      root = join(join(before, node), after)
    },
    remove: (key, id) => {
      root = without(root, key, id)
    },
    rankOf: (key, id) => {
      let before = 0
      let node = root
      while (node !== null)
        if (comesBefore(node.key, node.id, key, id)) {
          before += sizeOf(node.left) + 1
          node = node.right
        } else node = node.left
      return before + 1
    },
    first: (most, wanted = () => true) => firstOf(root, most, wanted),
  }
}

const sizeOf = <Item>(tree: Tree<Item>): number => tree?.size ?? 0

const comesBefore = (key: number, id: string, otherKey: number, otherId: string): boolean =>
  key === otherKey ? id < otherId : key > otherKey

const grown = <Item>(node: Node<Item>): Node<Item> => {
  node.size = sizeOf(node.left) + sizeOf(node.right) + 1
  return node
}

/** What comes before a key and id, and the rest. */
const split = <Item>(tree: Tree<Item>, key: number, id: string): [Tree<Item>, Tree<Item>] => {
  if (tree === null) return [null, null]
  if (comesBefore(tree.key, tree.id, key, id)) {
    const [before, after] = split(tree.right, key, id)
    tree.right = before
    return [grown(tree), after]
  }
  const [before, after] = split(tree.left, key, id)
  tree.left = after
  return [before, grown(tree)]
}

const join = <Item>(before: Tree<Item>, after: Tree<Item>): Tree<Item> => {
  if (before === null) return after
  if (after === null) return before
  if (before.weight > after.weight) {
    before.right = join(before.right, after)
    return grown(before)
  }
  after.left = join(before, after.left)
  return grown(after)
}

const without = <Item>(tree: Tree<Item>, key: number, id: string): Tree<Item> => {
  if (tree === null) return null
  if (tree.key === key && tree.id === id) return join(tree.left, tree.right)
  if (comesBefore(tree.key, tree.id, key, id)) tree.right = without(tree.right, key, id)
  else tree.left = without(tree.left, key, id)
  return grown(tree)
}

const firstOf = <Item>(root: Tree<Item>, most: number, wanted: (item: Item) => boolean): Item[] => {
  const found: Item[] = []
  const path: Node<Item>[] = []
  let node = root
  while ((node !== null || path.length > 0) && found.length < most) {
    while (node !== null) {
      path.push(node)
      node = node.left
    }
    const next = path.pop()
    if (next === undefined) break
    if (wanted(next.item)) found.push(next.item)
    node = next.right
  }
  return found
}

/** FNV-1a with a final mix: ids are not chosen to be balanced. */
const weightOf = (id: string): number => {
  let hash = 0x811c9dc5
  for (let place = 0; place < id.length; place++)
    hash = Math.imul(hash ^ id.charCodeAt(place), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}
