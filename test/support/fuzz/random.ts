/** Numbers that a seed decides (mulberry32). */
export interface Random {
  /** From 0 to `n` - 1. */
  below(n: number): number
  of<Item>(items: readonly Item[]): Item
}

export const randomOf = (seed: number): Random => {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number): number => Math.floor(next() * n)
  return {
    below,
    of: <Item>(items: readonly Item[]) => items[below(items.length)] as Item,
  }
}
