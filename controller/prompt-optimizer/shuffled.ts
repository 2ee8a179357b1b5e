import type { Random } from '../../schemas/seeded-random.ts'

/** A random order of the items: sorted by one draw each; the input stays as it is. */
export const shuffled = <Item>(items: readonly Item[], random: Random): Item[] => {
  const keyed = items.map((item, index) => ({ item, index, key: random() }))
  return keyed.sort((a, b) => a.key - b.key || a.index - b.index).map(({ item }) => item)
}
