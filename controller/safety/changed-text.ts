import type { AgentConfig } from '../../schemas/agent-config.ts'

/** Every string of a JSON value, keys included: an instruction can hide in the name of a schema's property. */
export const stringsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(stringsOf)
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, member]) => [key, ...stringsOf(member)])
}

/** The strings of the result that the base does not have, in order. */
export const changedStrings = (base: AgentConfig, result: AgentConfig): readonly string[] => {
  const known = new Set(stringsOf(base))
  return stringsOf(result).filter((text) => !known.has(text))
}

/**
 * How much a change rewrites: characters of the strings that came and went, less what a string shares at its ends with
 * the one it replaces. Numbers and switches weigh nothing here; their bounds are the schema's.
 */
export const changedCharacters = (base: AgentConfig, result: AgentConfig): number => {
  const came = changedStrings(base, result)
  const gone = changedStrings(result, base)
  const paired = came.map((text) => ({ text, old: mostAlike(text, gone) }))
  const replaced = new Set(paired.map(({ old }) => old))
  const rewritten = paired.reduce(
    (sum, { text, old }) => sum + text.length + old.length - 2 * sharedEnds(text, old),
    0,
  )
  return gone
    .filter((text) => !replaced.has(text))
    .reduce((sum, text) => sum + text.length, rewritten)
}

const mostAlike = (text: string, others: readonly string[]): string =>
  others.reduce(
    (best, other) => (sharedEnds(text, other) > sharedEnds(text, best) ? other : best),
    '',
  )

/** Length of the common beginning plus that of the common end, not counted twice. */
const sharedEnds = (a: string, b: string): number => {
  const most = Math.min(a.length, b.length)
  let start = 0
  while (start < most && a[start] === b[start]) start += 1
  let end = 0
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1
  return start + end
}
