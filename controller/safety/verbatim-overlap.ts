/** Words in a row that own words do not share with a trace by chance; six to eight are usual. */
const OVERLAP_WORDS = 6

/** Words without case and punctuation; in scripts without spaces every character is one. */
const wordsOf = (text: string): readonly string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]|[\p{L}\p{M}\p{N}]+/gu,
    ) ?? []

const grams = (text: string): string[] => {
  const words = wordsOf(text)
  return words
    .slice(0, Math.max(0, words.length - OVERLAP_WORDS + 1))
    .map((_, start) => words.slice(start, start + OVERLAP_WORDS).join(' '))
}

/** Whether a change repeats a passage of untrusted text that the base does not contain itself. */
export const repeatsUntrusted = (texts: {
  readonly changed: readonly string[]
  readonly untrusted: readonly string[]
  readonly base: readonly string[]
}): boolean => {
  const added = new Set(texts.changed.flatMap(grams))
  for (const text of texts.base) for (const gram of grams(text)) added.delete(gram)
  return (
    added.size > 0 && texts.untrusted.some((text) => grams(text).some((gram) => added.has(gram)))
  )
}
