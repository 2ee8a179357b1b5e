/** What varies between two occurrences of one failure, and the word that stands for it. The order matters. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'<>)\]}]+/gi, '<url>'],
  [/[\w.%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}/gi, '<email>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/g, '<ip>'],
  [
    /\b\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:z|[+-]\d{2}:?\d{2})?)?\b/gi,
    '<date>',
  ],
  [/\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b/g, '<date>'],
  [/\b\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:\s?[ap]m)?\b/gi, '<time>'],
  [/(?<![\w"'])"[^"\n]{0,200}"(?!\w)/g, '<value>'],
  [/(?<![\w'])'[^'\n]{0,200}'(?!\w)/g, '<value>'],
  [/(?<!\w)`[^`\n]{0,200}`(?!\w)/g, '<value>'],
  [/(?<![\w<])(?:[a-z]:)?(?:[\\/][\w.@-]+){2,}/gi, '<path>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '<hex>'],
  [/(?<![\w.])[-+]?\d+(?:[.,]\d+)*\s?(?:[kmgt]?i?b|[mµn]?s|%)?(?![\w])/gi, '<num>'],
  [/#?\b[\w-]*\d[\w-]*/g, '<id>'],
]

/** Longer texts are cut before they are masked: the first lines of an error say what it is. */
const LONGEST = 4000

/**
 * A text without its particulars: lower case, one space between words, and ids, numbers, dates, paths, addresses and
 * quoted values replaced by the names of their kinds. Equal in kind is equal in text. Every pattern is linear in time.
 */
export const maskText = (text: string): string =>
  MASKS.reduce(
    (masked, [pattern, name]) => masked.replace(pattern, name),
    text.slice(0, LONGEST).replace(/\s+/g, ' '),
  )
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim()
