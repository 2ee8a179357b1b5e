import { type AgentConfig, type ConfigPatch, configDigest } from '../../schemas/agent-config.ts'
import type { Policy } from '../../schemas/policy.ts'
import { applyPatch } from './apply-patch.ts'
import { changedCharacters, changedStrings, stringsOf } from './changed-text.ts'
import { brokenInvariants } from './check-invariants.ts'
import { isEditable } from './editable-paths.ts'
import { unknownTools } from './named-tools.ts'
import { suspiciousKinds } from './suspicious-text.ts'
import { repeatsUntrusted } from './verbatim-overlap.ts'

const MAX_OPERATIONS = 64

export type CheckedPatch =
  | {
      readonly ok: true
      readonly config: AgentConfig
      readonly digest: string
      readonly changedChars: number
    }
  | { readonly ok: false; readonly reasons: readonly string[] }

/**
 * May the loop make this change of an agent? Deterministic, all reasons at once. `untrusted` is the text of traces that
 * could have flowed into the change; reasons name kinds, paths and tools, and repeat no passage.
 */
export const checkPatch = (change: {
  readonly base: AgentConfig
  readonly patch: ConfigPatch
  readonly untrusted: readonly string[]
  readonly policy: Pick<Policy, 'gate'>
}): CheckedPatch => {
  const { base, patch, untrusted, policy } = change
  if (patch.length > MAX_OPERATIONS) return { ok: false, reasons: ['too-many-operations'] }
  const applied = applyPatch(base, patch)
  if (!applied.ok) return { ok: false, reasons: [applied.reason] }
  const { config } = applied
  const changed = changedStrings(base, config)
  const own = stringsOf(base)
  const changedChars = changedCharacters(base, config)
  const reasons = [
    ...patch
      .filter((operation) => !isEditable(operation))
      .map(({ path }) => `path-forbidden: ${path}`),
    ...brokenInvariants(base, config),
    ...suspiciousKinds(changed, own).map((kind) => `suspicious-text: ${kind}`),
    ...(repeatsUntrusted({ changed, untrusted, base: own }) ? ['repeats-untrusted-text'] : []),
    ...unknownTools(config, changed, own).map((name) => `unknown-tool: ${name}`),
    ...(changedChars > policy.gate.maxDiffChars ? [`diff-too-large: ${changedChars}`] : []),
  ]
  return reasons.length > 0
    ? { ok: false, reasons }
    : { ok: true, config, digest: configDigest(config), changedChars }
}
