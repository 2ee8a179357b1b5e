/** Templates of texts that differ in words which no mask knows: names, cities, products. */
export interface TemplateTree {
  /** The template that a text belongs to, with `<*>` where its texts differ; null for what is like none. */
  readonly templateOf: (text: string) => string | null
}

interface Group {
  words: string[]
  wildcards: number
}

/** Words that lead to a leaf of the tree, besides their number. */
const PREFIX_WORDS = 2
/** Least share of equal words that joins a text to a template. */
const LEAST_ALIKE = 0.4
const LONGEST = 40
const MOST_GROUPS = 20_000
const MOST_IN_LEAF = 200
const WILDCARD = '<*>'

/**
 * A fixed-depth tree as Drain's (He, Zhu, Zheng, Lyu 2017): texts of one length with the same first two words are compared,
 * and join the template that they share most words with, from two fifths on. Built from the sorted set of texts, so that
 * their order says nothing; later texts are looked up and change nothing. Bounded: what is one template too many keeps to
 * itself.
 */
export const templateTree = (texts: Iterable<string>): TemplateTree => {
  const leaves = new Map<string, Group[]>()
  let groups = 0
  for (const text of [...new Set(texts)].sort()) {
    const words = wordsOf(text)
    const leaf = leaves.get(leafOf(words)) ?? []
    const group = mostAlike(leaf, words)
    if (group !== null) join(group, words)
    else if (groups < MOST_GROUPS && leaf.length < MOST_IN_LEAF) {
      groups++
      leaves.set(leafOf(words), [...leaf, { words, wildcards: 0 }])
    }
  }
  return {
    templateOf: (text) => {
      const words = wordsOf(text)
      return mostAlike(leaves.get(leafOf(words)) ?? [], words)?.words.join(' ') ?? null
    },
  }
}

const wordsOf = (text: string): string[] => text.split(' ', LONGEST)

/** Masks and words with digits vary: they lead nowhere. */
const leafOf = (words: readonly string[]): string =>
  [
    words.length,
    ...words.slice(0, PREFIX_WORDS).map((word) => (varies(word) ? WILDCARD : word)),
  ].join(' ')

const varies = (word: string): boolean => /\d|^<.*>$/.test(word)

/** The template with most equal words, of equals the one with more wildcards; null where none has enough. */
const mostAlike = (leaf: readonly Group[], words: readonly string[]): Group | null => {
  let best: Group | null = null
  let most = LEAST_ALIKE * words.length
  for (const group of leaf) {
    let equal = 0
    for (const [place, word] of group.words.entries())
      if (word !== WILDCARD && word === words[place]) equal++
    const isBetter = equal > most || (equal === most && group.wildcards > (best?.wildcards ?? -1))
    if (!isBetter) continue
    best = group
    most = equal
  }
  return best
}

const join = (group: Group, words: readonly string[]): void => {
  for (const [place, word] of words.entries())
    if (group.words[place] !== WILDCARD && group.words[place] !== word) {
      group.words[place] = WILDCARD
      group.wildcards++
    }
}
