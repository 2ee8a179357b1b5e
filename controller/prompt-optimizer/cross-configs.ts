import { type AgentConfig, type ConfigPatch, configDigest } from '../../schemas/agent-config.ts'
import { canonicalJson } from '../../schemas/canonical-json.ts'
import type { Random } from '../../schemas/seeded-random.ts'
import { configDiff } from './config-diff.ts'

interface Item {
  readonly id: string
}

/** Who of two parents gives a part on which they differ. */
type Choice = () => 'first' | 'second'

interface Crossing {
  readonly baseline: AgentConfig
  readonly first: AgentConfig
  readonly second: AgentConfig
  /** Digests that are no news. */
  readonly known: readonly string[]
  readonly random: Random
}

/**
 * A child of two configurations, as a patch of the first: parts they share stay, of rival parts one is drawn, and
 * additions that only one has are united, because repairs of different causes belong together. Where that child is
 * known already, additions are drawn one by one as well; null when that brings nothing new either.
 */
export const crossConfigs = (
  crossing: Crossing,
): { readonly patch: ConfigPatch; readonly digest: string } | null => {
  for (const unite of [true, false]) {
    const child = merge(crossing, unite)
    const digest = configDigest(child)
    if (!crossing.known.includes(digest))
      return { patch: configDiff(crossing.first, child), digest }
  }
  return null
}

const merge = (crossing: Crossing, unite: boolean): AgentConfig => {
  const { baseline, first, second, random } = crossing
  const choose: Choice = () => (random() < 0.5 ? 'first' : 'second')
  const items = <Entry extends Item>(
    base: readonly Entry[],
    a: readonly Entry[],
    b: readonly Entry[],
  ): Entry[] => mergeItems({ base, a, b, choose, unite })
  return {
    ...first,
    prompts: Object.fromEntries(
      Object.entries(first.prompts).map(([id, sections]) => [
        id,
        items(baseline.prompts[id] ?? [], sections, second.prompts[id] ?? []),
      ]),
    ),
    fewShot: items(baseline.fewShot, first.fewShot, second.fewShot),
    skills: items(baseline.skills, first.skills, second.skills),
    tools: first.tools.map((tool, index) => {
      const other = second.tools[index]
      return other?.name === tool.name
        ? mergeFields(baseline.tools[index], tool, other, choose)
        : tool
    }),
    output: mergeFields(baseline.output, first.output, second.output, choose),
    retry: mergeFields(baseline.retry, first.retry, second.retry, choose),
    context: mergeFields(baseline.context, first.context, second.context, choose),
    guards: mergeFields(baseline.guards, first.guards, second.guards, choose),
  }
}

const equal = (a: unknown, b: unknown): boolean =>
  a === undefined || b === undefined ? a === b : canonicalJson(a) === canonicalJson(b)

/** A part that one parent left as the baseline has it comes from the parent that changed it. */
const pick = <Value>(base: Value, a: Value, b: Value, choose: Choice): Value => {
  if (equal(a, b) || equal(b, base)) return a
  if (equal(a, base)) return b
  return choose() === 'first' ? a : b
}

const mergeFields = <Part extends object>(
  base: Part | undefined,
  a: Part,
  b: Part,
  choose: Choice,
): Part => {
  const merged: Part = { ...a }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const value: unknown = pick<unknown>(
      base && Reflect.get(base, key),
      Reflect.get(a, key),
      Reflect.get(b, key),
      choose,
    )
    if (value === undefined) Reflect.deleteProperty(merged, key)
    else Reflect.set(merged, key, value)
  }
  return merged
}

/** Items by id in the order of the first parent; what only the second has follows after its predecessor there. */
const mergeItems = <Entry extends Item>(lists: {
  readonly base: readonly Entry[]
  readonly a: readonly Entry[]
  readonly b: readonly Entry[]
  readonly choose: Choice
  readonly unite: boolean
}): Entry[] => {
  const { base, a, b, choose, unite } = lists
  const find = (items: readonly Entry[], id: string): Entry | undefined =>
    items.find((item) => item.id === id)
  const order = a.map(({ id }) => id)
  b.forEach(({ id }, index) => {
    if (order.includes(id)) return
    const before = b[index - 1]?.id
    const at = before === undefined ? -1 : order.indexOf(before)
    order.splice(before !== undefined && at < 0 ? order.length : at + 1, 0, id)
  })
  return order.flatMap((id) => {
    const [origin, left, right] = [find(base, id), find(a, id), find(b, id)]
    const addition = origin === undefined && (left === undefined || right === undefined)
    if (addition && !unite && choose() === 'second') return []
    const chosen = addition ? (left ?? right) : pick(origin, left, right, choose)
    return chosen === undefined ? [] : [chosen]
  })
}
