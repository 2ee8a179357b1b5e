import type { AgentConfig, ConfigPatch } from '../../schemas/agent-config.ts'
import { canonicalJson } from '../../schemas/canonical-json.ts'
import type { Risk } from '../../schemas/decision.ts'
import type { Evidence } from '../../schemas/evidence.ts'

/** What a change of a part can do at worst, from wording to behaviour of the machine around the model. */
const PART_RISK: readonly (readonly [pattern: RegExp, risk: number, part: string])[] = [
  [/^\/model(\/|$)/, 0.8, 'the model'],
  [
    /^\/tools\/[^/]+\/(parameters|enabled|name)(\/|$)/,
    0.7,
    'what a tool takes or whether it is there',
  ],
  [/^\/tools(\/[^/]+)?$/, 0.7, 'the set of tools'],
  [/^\/guards(\/|$)/, 0.5, 'the limits of a run'],
  [/^\/(output|retry|context)(\/|$)/, 0.4, 'the scaffold around the model'],
  [/^\/tools\/[^/]+\/(description|examples)(\/|$)/, 0.3, 'how a tool is described'],
  [/^\/(fewShot|skills)(\/|$)/, 0.2, 'examples or skills'],
  [/^\/prompts\//, 0.15, 'the wording of a prompt'],
]
const UNKNOWN_PART = [/^/, 1, 'a part that has no known risk'] as const

const MEDIUM_FROM = 1 / 3
const HIGH_FROM = 2 / 3

/**
 * Risk of a change in [0, 1]: the riskiest part touched, plus up to .3 for how much of the configuration is rewritten,
 * .1 for each further part, and .15 where a guardrail's best estimate uses up half of its margin. Low below ⅓, high from ⅔.
 */
export const assessRisk = (
  patch: ConfigPatch,
  config: AgentConfig,
  evidence: readonly Evidence[],
): Risk => {
  const touched = patch.filter(({ op }) => op !== 'test').map(({ path }) => partOf(path))
  const parts = new Map(touched.map(([, risk, part]) => [part, risk]))
  const rewritten = Math.min(
    1,
    diffChars(patch, config) / Math.max(canonicalJson(config).length, 1),
  )
  const losing = evidence.filter(
    ({ role, effect, margin }) => role !== 'target' && (effect ?? 0) < -margin / 2,
  )
  const score = Math.min(
    1,
    Math.max(0, ...parts.values()) +
      0.3 * rewritten +
      0.1 * Math.max(parts.size - 1, 0) +
      (losing.length > 0 ? 0.15 : 0),
  )
  return {
    level: score >= HIGH_FROM ? 'high' : score >= MEDIUM_FROM ? 'medium' : 'low',
    score,
    reasons: [
      ...[...parts].sort(([, a], [, b]) => b - a).map(([part]) => `touches ${part}`),
      `rewrites ${Math.round(100 * rewritten)} % of the configuration`,
      ...losing.map(({ metric }) => `${metric} tends to fall`),
    ],
  }
}

/**
 * Size of a change in characters: of each value that is set or removed, what is left of the longer of old and new text
 * without their common beginning and end. A sentence added to a long section counts as the sentence.
 */
export const diffChars = (patch: ConfigPatch, config: AgentConfig): number =>
  patch
    .filter(({ op }) => op !== 'test')
    .reduce((sum, { op, path, value }) => {
      const before = op === 'add' ? '' : textOf(valueAt(config, path))
      return sum + changedChars(before, op === 'remove' ? '' : textOf(value))
    }, 0)

const changedChars = (before: string, after: string): number => {
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start += 1
  let end = 0
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end += 1
  return Math.max(before.length, after.length) - start - end
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : canonicalJson(value ?? null)

/** The value under a JSON pointer (RFC 6901); undefined where there is none. */
const valueAt = (root: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (value, key) =>
        value !== null && typeof value === 'object' && Object.hasOwn(value, key)
          ? (value as Readonly<Record<string, unknown>>)[key]
          : undefined,
      root,
    )

const partOf = (path: string): readonly [RegExp, number, string] =>
  PART_RISK.find(([pattern]) => pattern.test(path)) ?? UNKNOWN_PART
