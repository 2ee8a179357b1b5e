import type { AgentConfig, ConfigPatch } from '../../schemas/agent-config.ts'
import { canonicalJson } from '../../schemas/canonical-json.ts'

interface Item {
  readonly id: string
  readonly text: string
}

/** A JSON Pointer of these steps (RFC 6901). */
const pointer = (...steps: readonly (string | number)[]): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/**
 * The patch that leads from one configuration to another, item by item: sections, examples and skills are matched by
 * id, so that adding one never rewrites its neighbours. Whatever an edit may not touch (model, tool names) is
 * compared too: a difference there has to show, and be refused, not be dropped silently.
 */
export const configDiff = (from: AgentConfig, to: AgentConfig): ConfigPatch => [
  ...keys(from.prompts, to.prompts).flatMap((prompt) => {
    const [before, after] = [from.prompts[prompt], to.prompts[prompt]]
    return before !== undefined && after !== undefined
      ? itemsDiff(pointer('prompts', prompt), before, after)
      : memberDiff('/prompts', { [prompt]: before }, { [prompt]: after })
  }),
  ...itemsDiff('/fewShot', from.fewShot, to.fewShot),
  ...itemsDiff('/skills', from.skills, to.skills),
  ...toolsDiff(from.tools, to.tools),
  ...(['output', 'retry', 'context', 'model', 'guards'] as const).flatMap((part) =>
    memberDiff(pointer(part), from[part], to[part]),
  ),
]

const keys = (a: object, b: object): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()

const equal = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b)

const memberDiff = (path: string, from: object, to: object): ConfigPatch =>
  keys(from, to).flatMap((key): ConfigPatch => {
    const before: unknown = Reflect.get(from, key)
    const after: unknown = Reflect.get(to, key)
    if (before === after || (before !== undefined && equal(before, after))) return []
    if (after === undefined) return [{ op: 'remove', path: path + pointer(key) }]
    const op = before === undefined ? 'add' : 'replace'
    return [{ op, path: path + pointer(key), value: after }]
  })

const toolsDiff = (from: AgentConfig['tools'], to: AgentConfig['tools']): ConfigPatch => {
  const sameTools = equal(
    from.map(({ name }) => name),
    to.map(({ name }) => name),
  )
  if (!sameTools) return [{ op: 'replace', path: '/tools', value: to }]
  return from.flatMap((tool, index) => memberDiff(pointer('tools', index), tool, to[index] ?? {}))
}

/** Ids need not be unique: the n-th item of an id is matched with the n-th of the same id. */
const labelled = (items: readonly Item[]): { readonly label: string; readonly item: Item }[] => {
  const seen = new Map<string, number>()
  return items.map((item) => {
    const occurrence = (seen.get(item.id) ?? 0) + 1
    seen.set(item.id, occurrence)
    return { label: `${occurrence} ${item.id}`, item }
  })
}

const itemsDiff = (path: string, from: readonly Item[], to: readonly Item[]): ConfigPatch => {
  const target = labelled(to)
  const wanted = new Set(target.map(({ label }) => label))
  const patch: ConfigPatch = []
  const working = labelled(from)
  for (let index = working.length - 1; index >= 0; index -= 1) {
    if (wanted.has(working[index]?.label ?? '')) continue
    patch.push({ op: 'remove', path: path + pointer(index) })
    working.splice(index, 1)
  }
  target.forEach(({ label, item }, index) => {
    const at = working.findIndex((entry) => entry.label === label)
    const current = working[at]?.item
    if (current === undefined || at !== index) {
      if (current !== undefined) {
        patch.push({ op: 'remove', path: path + pointer(at) })
        working.splice(at, 1)
      }
      patch.push({ op: 'add', path: path + pointer(index), value: item })
      working.splice(index, 0, { label, item })
      return
    }
    if (equal(current, item)) return
    const { text, ...rest } = item
    const { text: _, ...before } = current
    patch.push(
      equal(rest, before)
        ? { op: 'replace', path: path + pointer(index, 'text'), value: text }
        : { op: 'replace', path: path + pointer(index), value: item },
    )
  })
  return patch
}
