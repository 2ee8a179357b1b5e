import type { HdbscanInput } from '../../consumers/clustering/hdbscan-model.ts'
import { preparePoints } from '../../consumers/clustering/prepare-points.ts'
import { squaredDistance } from '../../consumers/clustering/squared-distance.ts'

/** What the definition says, by row; clusters are named by any distinct numbers. */
export interface BruteClustering {
  readonly labels: readonly number[]
  readonly probabilities: readonly number[]
  readonly outlierScores: readonly number[]
  readonly lambdas: readonly number[]
  /** Stability of every cluster of the tree, ascending. */
  readonly stabilities: readonly number[]
  /** Of the selected clusters, ascending. */
  readonly persistence: readonly number[]
}

interface Cluster {
  readonly id: number
  readonly parent: Cluster | null
  readonly birth: number
  readonly weight: number
  readonly children: Cluster[]
  /** λ and weight of what leaves directly. */
  readonly rows: { readonly lambda: number; readonly weight: number }[]
}

/**
 * HDBSCAN as it is defined, from the full matrix of mutual reachability: the hierarchy of connected components at every
 * threshold, without a spanning tree. O(n⁴): for a few dozen rows.
 */
export const bruteHdbscan = (input: HdbscanInput): BruteClustering => {
  const world = openWorld(input)
  const clusters: Cluster[] = []
  const lambdas = new Array<number>(world.count).fill(0)
  const left = new Array<Cluster>(world.count)
  const open = (parent: Cluster | null, birth: number, rows: readonly number[]): Cluster => {
    const cluster = {
      id: clusters.length,
      parent,
      birth,
      weight: world.weigh(rows),
      children: [],
      rows: [],
    }
    clusters.push(cluster)
    parent?.children.push(cluster)
    return cluster
  }
  const leave = (cluster: Cluster, rows: readonly number[], lambda: number): void => {
    for (const row of rows) {
      lambdas[row] = lambda
      left[row] = cluster
      cluster.rows.push({ lambda, weight: world.weigh([row]) })
    }
  }
  const descend = (cluster: Cluster, rows: readonly number[]): void => {
    const [only] = rows
    if (rows.length === 1 && only !== undefined) {
      leave(cluster, rows, 1 / world.copies(only))
      return
    }
    const level = world.joinedAt(rows)
    const parts = world.components(rows, (distance) => distance < level)
    const big = parts.filter((part) => world.isBig(part, level))
    for (const part of parts) if (!big.includes(part)) leave(cluster, part, 1 / level)
    for (const part of big)
      descend(big.length === 1 ? cluster : open(cluster, 1 / level, part), part)
  }
  const all = [...lambdas.keys()]
  if (all.length > 0) descend(open(null, 0, all), all)
  return describe(input, world, { clusters, lambdas, left })
}

const openWorld = (input: HdbscanInput) => {
  const { minClusterSize, minSamples = minClusterSize } = input
  const points = preparePoints(input.points, input.dimensions, input.metric)
  const { count, unit } = points
  const floor = (input.distanceFloor ?? 0) / unit
  const rows = Array.from({ length: count }, (_, row) => row)
  const weight = (row: number): number => input.weights?.[row] ?? 1
  const weigh = (some: readonly number[]): number => some.reduce((sum, row) => sum + weight(row), 0)
  const distance = rows.map((i) =>
    rows.map((j) => Math.sqrt(squaredDistance(points, i, points, j))),
  )
  const at = (i: number, j: number): number => distance[i]?.[j] ?? Number.NaN
  const core = rows.map((i) => {
    const near = rows.toSorted((a, b) => at(i, a) - at(i, b))
    const last = near.find((_, place) => weigh(near.slice(0, place + 1)) >= minSamples)
    return at(i, last ?? near.at(-1) ?? i)
  })
  const reach = (i: number, j: number): number =>
    Math.max(core[i] ?? 0, core[j] ?? 0, at(i, j), floor)
  const components = (
    some: readonly number[],
    isEdge: (reach: number) => boolean,
    measure = reach,
  ): number[][] => {
    const partOf = new Map(some.map((row) => [row, [row]]))
    const pairs = some.flatMap((i) => some.map((j) => [i, j] as const))
    for (const [i, j] of pairs.filter(([i, j]) => isEdge(measure(i, j)))) {
      const [one, other] = [partOf.get(i) ?? [], partOf.get(j) ?? []]
      if (one === other) continue
      one.push(...other)
      for (const row of other) partOf.set(row, one)
    }
    return [...new Set(partOf.values())]
  }
  const copies = (row: number): number => Math.max(core[row] ?? 0, floor)
  return {
    count,
    unit,
    floor,
    weigh,
    at,
    components,
    copies,
    joinedAt: (some: readonly number[]): number =>
      some
        .flatMap((i) => some.filter((j) => j > i).map((j) => reach(i, j)))
        .toSorted((a, b) => a - b)
        .find((level) => components(some, (value) => value <= level).length === 1) ?? Number.NaN,
    isBig: (part: readonly number[], level: number): boolean =>
      weigh(part) >= minClusterSize && (part.length > 1 || copies(part[0] ?? 0) < level),
  }
}

interface Tree {
  readonly clusters: readonly Cluster[]
  readonly lambdas: readonly number[]
  readonly left: readonly Cluster[]
}

const leaving = (cluster: Cluster): Cluster['rows'] => [
  ...cluster.rows,
  ...cluster.children.map(({ birth, weight }) => ({ lambda: birth, weight })),
]
const largestOf = (cluster: Cluster): number =>
  Math.max(0, ...leaving(cluster).map(({ lambda }) => lambda))
const deepestOf = (cluster: Cluster): number =>
  Math.max(largestOf(cluster), ...cluster.children.map(deepestOf))
const stabilityOf = (cluster: Cluster): number =>
  leaving(cluster).reduce((sum, { lambda, weight }) => sum + weight * (lambda - cluster.birth), 0)

const describe = (
  input: HdbscanInput,
  world: ReturnType<typeof openWorld>,
  { clusters, lambdas, left }: Tree,
): BruteClustering => {
  const epsilon = (input.clusterSelectionEpsilon ?? 0) / world.unit
  const selected = select(input, clusters, epsilon)
  const labels = left.map((cluster, row) => {
    let at: Cluster | null = cluster
    while (at !== null && !selected.has(at)) at = at.parent
    if (at === null) return -1
    const least = epsilon > 0 ? 1 / epsilon : largestOf(at)
    return at.parent === null && (lambdas[row] ?? 0) < least ? -1 : at.id
  })
  const probabilities = labels.map((label, row) => {
    const cluster = clusters[label]
    if (cluster === undefined) return 0
    const [lambda, largest] = [lambdas[row] ?? 0, largestOf(cluster)]
    return lambda === Number.POSITIVE_INFINITY || largest === 0
      ? 1
      : Math.min(lambda, largest) / largest
  })
  const noise = [...labels.keys()].filter((row) => labels[row] === -1)
  const { minClusterSize } = input
  const { floor } = world
  for (const [place, group] of world
    .components(noise, (distance) => distance <= floor, world.at)
    .entries())
    if (world.weigh(group) >= minClusterSize)
      for (const row of group) {
        labels[row] = clusters.length + place
        probabilities[row] = 1
      }
  const whole = Math.max(0, ...lambdas)
  return {
    labels,
    probabilities,
    lambdas: lambdas.map((lambda) => lambda / world.unit),
    outlierScores: left.map((cluster, row) => {
      const [lambda, deepest] = [lambdas[row] ?? 0, deepestOf(cluster)]
      if (deepest === 0 || lambda === Number.POSITIVE_INFINITY) return 0
      return deepest === Number.POSITIVE_INFINITY ? 1 : (deepest - lambda) / deepest
    }),
    stabilities: clusters.map((cluster) => stabilityOf(cluster) / world.unit).sort((a, b) => a - b),
    persistence: [...selected]
      .filter(({ id }) => labels.includes(id))
      .map((cluster) =>
        whole === 0 || whole === Number.POSITIVE_INFINITY
          ? 1
          : stabilityOf(cluster) / (cluster.weight * whole),
      )
      .sort((a, b) => a - b),
  }
}

const select = (
  input: HdbscanInput,
  clusters: readonly Cluster[],
  epsilon: number,
): ReadonlySet<Cluster> => {
  const { allowSingleCluster = false, maxClusterSize = Number.POSITIVE_INFINITY } = input
  const isAllowed = ({ parent }: Cluster): boolean => parent !== null || allowSingleCluster
  const bestBelow = (cluster: Cluster): readonly [number, readonly Cluster[]] => {
    const below = cluster.children.map(bestBelow)
    const sum = below
      .map(([best]) => best)
      .sort((a, b) => a - b)
      .reduce((all, best) => all + best, 0)
    const own = stabilityOf(cluster)
    const mayBe = isAllowed(cluster) && cluster.weight <= maxClusterSize
    return mayBe && own >= sum ? [own, [cluster]] : [sum, below.flatMap(([, chosen]) => chosen)]
  }
  const [root] = clusters
  if (root === undefined) return new Set()
  const chosen =
    input.clusterSelectionMethod === 'leaf'
      ? clusters.filter((cluster) => cluster.children.length === 0 && isAllowed(cluster))
      : bestBelow(root)[1]
  return widen(chosen, epsilon, allowSingleCluster)
}

/** Replaces what parts below ε by the nearest ancestor that does not, and drops what then lies below another one. */
const widen = (
  chosen: readonly Cluster[],
  epsilon: number,
  allowSingleCluster: boolean,
): ReadonlySet<Cluster> => {
  if (epsilon === 0 || chosen.some(({ parent }) => parent === null)) return new Set(chosen)
  const replaced = chosen.map((cluster) => {
    if (1 / cluster.birth >= epsilon) return cluster
    let at = cluster
    while (at.parent !== null && !(1 / at.birth > epsilon)) {
      if (at.parent.parent === null) return allowSingleCluster ? at.parent : at
      at = at.parent
    }
    return at
  })
  const isBelow = (cluster: Cluster): boolean => {
    for (let at = cluster.parent; at !== null; at = at.parent)
      if (replaced.includes(at)) return true
    return false
  }
  return new Set(replaced.filter((cluster) => !isBelow(cluster)))
}
