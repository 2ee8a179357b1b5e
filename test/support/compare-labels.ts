type Labels = ArrayLike<number>

/** Adjusted Rand index of two labellings; noise counts as a cluster of its own. Hubert and Arabie 1985. */
export const adjustedRandIndex = (a: Labels, b: Labels): number => {
  const pairs = (n: number): number => (n * (n - 1)) / 2
  const cells = new Map<string, number>()
  const rows = new Map<number, number>()
  const columns = new Map<number, number>()
  const add = <Key>(map: Map<Key, number>, key: Key): void => {
    map.set(key, (map.get(key) ?? 0) + 1)
  }
  for (let i = 0; i < a.length; i++) {
    add(cells, `${a[i]},${b[i]}`)
    add(rows, a[i] as number)
    add(columns, b[i] as number)
  }
  const sum = <Key>(map: Map<Key, number>): number =>
    [...map.values()].reduce((total, n) => total + pairs(n), 0)
  const expected = (sum(rows) * sum(columns)) / pairs(a.length)
  const most = (sum(rows) + sum(columns)) / 2
  return most === expected ? 1 : (sum(cells) - expected) / (most - expected)
}

/** The best renaming of clusters of `a` into those of `b` (greedy by common rows; noise stays noise). */
export const renaming = (a: Labels, b: Labels): ReadonlyMap<number, number> => {
  const cells = new Map<string, number>()
  for (let i = 0; i < a.length; i++) {
    const key = `${a[i]},${b[i]}`
    if ((a[i] as number) >= 0 && (b[i] as number) >= 0) cells.set(key, (cells.get(key) ?? 0) + 1)
  }
  const names = new Map([[-1, -1]])
  const taken = new Set<number>()
  for (const [key] of [...cells].sort(([, m], [, n]) => n - m)) {
    const [from = -1, to = -1] = key.split(',').map(Number)
    if (names.has(from) || taken.has(to)) continue
    names.set(from, to)
    taken.add(to)
  }
  return names
}

/** Rows whose label differs after the best renaming. */
export const differingRows = (a: Labels, b: Labels): number => {
  const names = renaming(a, b)
  let rows = 0
  for (let i = 0; i < a.length; i++) if (names.get(a[i] as number) !== b[i]) rows++
  return rows
}
