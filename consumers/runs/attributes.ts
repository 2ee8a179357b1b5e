/** Attributes as the store keeps them: text; numbers and booleans printed; structures as JSON text. */
export type Attributes = Readonly<Record<string, string>>

/** The value of the first key that is present and not empty, else null. */
export const firstOf = (attributes: Attributes, keys: readonly string[]): string | null => {
  for (const key of keys) {
    const value = attributes[key]
    if (value !== undefined && value !== '') return value
  }
  return null
}

/** A text as a finite number, else null. Booleans count as 1 and 0. */
export const numberOf = (text: string | null | undefined): number | null => {
  if (text === null || text === undefined || text.trim() === '') return null
  if (text === 'true' || text === 'false') return text === 'true' ? 1 : 0
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

/**
 * A text as JSON, or undefined where it is none, or nested so deeply that it is no message but a trap: whoever walks
 * through it would run out of stack.
 */
export const jsonOf = (text: string | null | undefined): unknown => {
  if (text === null || text === undefined || !/^\s*[[{"]/.test(text)) return undefined
  if (isDeep(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const DEEPEST = 200
const BRACKETS = /["[{}\]]/g

/** Whether brackets outside of strings are nested deeper than that. */
const isDeep = (text: string): boolean => {
  let depth = 0
  BRACKETS.lastIndex = 0
  for (let found = BRACKETS.exec(text); found !== null; found = BRACKETS.exec(text)) {
    const [mark] = found
    if (mark === '"') BRACKETS.lastIndex = endOfString(text, found.index)
    else depth += mark === '[' || mark === '{' ? 1 : -1
    if (depth > DEEPEST) return true
  }
  return false
}

/** The place behind a string that begins here. */
const endOfString = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text[end - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return end + 1
  }
  return text.length
}

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Text as it is, null for nothing, anything else as JSON text. */
export const textOf = (value: unknown): string | null => {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Beyond this index a flattened list is not followed: an index is a sender's text, and a list is allocated for it. */
const LONGEST_LIST = 2000

/**
 * A list that was flattened into keys, such as `llm.input_messages.0.message.role`: each entry as a tree of its keys, in
 * order of the index. Digits inside become keys like any other; `listOf` turns such a node back into a list.
 */
export const unflatten = (attributes: Attributes, prefix: string): readonly JsonObject[] => {
  const root: Tree = newTree()
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith(prefix)) place(root, key.slice(prefix.length).split('.'), value)
  return listOf(root).filter(isObject)
}

/** The entries of a node whose keys are indices, in order; a real list as it is; else nothing. */
export const listOf = (node: unknown): readonly unknown[] => {
  if (Array.isArray(node)) return node
  if (!isObject(node)) return []
  return Object.keys(node)
    .filter((key) => /^\d{1,4}$/.test(key) && Number(key) < LONGEST_LIST)
    .sort((a, b) => Number(a) - Number(b))
    .map((key) => node[key])
}

interface Tree {
  [key: string]: string | Tree
}

// Without a prototype: a key such as `__proto__` comes from outside.
const newTree = (): Tree => Object.create(null) as Tree

const place = (root: Tree, path: readonly string[], value: string): void => {
  let node = root
  for (const part of path.slice(0, -1)) {
    const next = node[part]
    const child = typeof next === 'object' ? next : newTree()
    node[part] = child
    node = child
  }
  const leaf = path.at(-1)
  if (leaf !== undefined && typeof node[leaf] !== 'object') node[leaf] = value
}
