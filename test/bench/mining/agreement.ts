/** Agreement of two labellings of the same items; the adjusted Rand index is in test/support/compare-labels.ts. */
type Labels = readonly (string | number)[]

/** Mutual information over the mean of both entropies, in [0, 1]. Not adjusted for chance: many small groups score high. */
export const normalisedMutualInformation = (a: Labels, b: Labels): number => {
  const ofA = countsOf(a)
  const ofB = countsOf(b)
  const information = jointCounts(a, b).reduce(
    (sum, { left, right, count }) =>
      sum +
      (count / a.length) *
        Math.log((count * a.length) / ((ofA.get(left) ?? 0) * (ofB.get(right) ?? 0))),
    0,
  )
  const mean = (entropyOf(ofA, a.length) + entropyOf(ofB, b.length)) / 2
  return mean === 0 ? 1 : Math.max(0, information) / mean
}

/** Share of the items that are of the most frequent category of their cluster. A cluster of one item is pure. */
export const purity = (clusters: Labels, categories: Labels): number => {
  const most = new Map<string | number, number>()
  for (const { left, count } of jointCounts(clusters, categories))
    most.set(left, Math.max(most.get(left) ?? 0, count))
  return [...most.values()].reduce((sum, count) => sum + count, 0) / clusters.length
}

/** The most frequent label and how many items have it: what one answer for everything gets right. */
export const majority = <Label extends string | number>(
  labels: readonly Label[],
): { readonly label: Label; readonly count: number } | null => {
  const [first] = [...countsOf(labels)].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return first === undefined ? null : { label: first[0], count: first[1] }
}

const countsOf = <Label extends string | number>(
  labels: readonly Label[],
): ReadonlyMap<Label, number> => {
  const counts = new Map<Label, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  return counts
}

interface JointCount {
  readonly left: string | number
  readonly right: string | number
  readonly count: number
}

const jointCounts = (a: Labels, b: Labels): readonly JointCount[] =>
  [...Map.groupBy(a.keys(), (place) => a[place])].flatMap(([left, places]) =>
    [...countsOf(places.flatMap((place) => b[place] ?? []))].flatMap(([right, count]) =>
      left === undefined ? [] : [{ left, right, count }],
    ),
  )

const entropyOf = (counts: ReadonlyMap<string | number, number>, n: number): number =>
  [...counts.values()].reduce((sum, count) => sum - (count / n) * Math.log(count / n), 0)
