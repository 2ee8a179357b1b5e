import jsonPatch from 'fast-json-patch'
import {
  type AgentConfig,
  agentConfig,
  type ConfigPatch,
  configPatch,
} from '../../schemas/agent-config.ts'

export type AppliedPatch =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly reason: string }

const POISONED = /(^|\/)(__proto__|constructor|prototype)(\/|$)/

/**
 * The configuration after a patch (RFC 6902 without move and copy), validated by the schema; the base stays as it is.
 * Says nothing on whether the change is allowed: that is `checkPatch`.
 */
export const applyPatch = (base: AgentConfig, patch: ConfigPatch): AppliedPatch => {
  const operations = configPatch.safeParse(patch)
  if (!operations.success) return { ok: false, reason: 'patch-malformed' }
  const poisoned = operations.data.find(({ path }) => POISONED.test(path))
  if (poisoned !== undefined) return { ok: false, reason: `path-forbidden: ${poisoned.path}` }
  let document: unknown
  try {
    const copies = operations.data.map((operation) => structuredClone(operation))
    document = jsonPatch.applyPatch(
      structuredClone(base),
      copies as Parameters<typeof jsonPatch.applyPatch>[1],
      true,
    ).newDocument
  } catch (error) {
    // The library reports a patch that does not apply by throwing; its message holds the whole document.
    return { ok: false, reason: `patch-does-not-apply: ${nameOf(error)}` }
  }
  const config = agentConfig.safeParse(document)
  if (config.success) return { ok: true, config: config.data }
  const paths = config.error.issues.map(({ path }) => `/${path.join('/')}`)
  return { ok: false, reason: `result-invalid: ${[...new Set(paths)].join(', ')}` }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown')
