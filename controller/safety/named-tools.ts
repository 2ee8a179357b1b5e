import type { AgentConfig } from '../../schemas/agent-config.ts'

/** `call the refund tool`, `use "issue_refund"`, `issue_refund(`: the three ways a prompt names a tool. */
const NAMED = [
  /\b(?:call|use|invoke|run|execute)\s+(?:the\s+)?[`"'“]?([\p{L}_][\w.-]*)[`"'”]?\s+(?:tool|function|api)\b/giu,
  /\b(?:call|use|invoke|run|execute)\s+(?:the\s+)?[`"'“]([\p{L}_][\w.-]*)[`"'”]/giu,
  /\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\s*\(/giu,
]

/** Words that stand before "tool" without being a name. */
const NOT_A_NAME = new Set([
  'a',
  'an',
  'any',
  'each',
  'every',
  'no',
  'one',
  'right',
  'same',
  'that',
  'this',
  'your',
])

/**
 * Tools that a change names and the configuration does not have. An agent whose configuration lists no tools keeps them
 * in its code, and nothing can be said.
 */
export const unknownTools = (
  config: AgentConfig,
  changed: readonly string[],
  base: readonly string[],
): readonly string[] => {
  if (config.tools.length === 0) return []
  const own = new Set(config.tools.map(({ name }) => name.toLowerCase()))
  const said = base.join('\n').toLowerCase()
  const named = changed.flatMap((text) =>
    NAMED.flatMap((pattern) =>
      [...text.matchAll(pattern)].map((match) => (match[1] ?? '').toLowerCase()),
    ),
  )
  return [...new Set(named)].filter(
    (name) => !own.has(name) && !NOT_A_NAME.has(name) && !said.includes(name),
  )
}
