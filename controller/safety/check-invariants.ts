import type { AgentConfig, PromptSection } from '../../schemas/agent-config.ts'
import { canonicalJson } from '../../schemas/canonical-json.ts'

const same = (a: unknown, b: unknown): boolean => canonicalJson([a]) === canonicalJson([b])

const locked = (sections: readonly PromptSection[]): readonly PromptSection[] =>
  sections.filter((section) => section.locked === true)

/**
 * What has to hold of the result, however the patch got there: a second lock behind the allow-list of paths.
 * Bounds that need the base stand here too: steps at most double, a brake is never released, a tool never switched on.
 */
export const brokenInvariants = (base: AgentConfig, result: AgentConfig): readonly string[] => {
  const reasons: string[] = []
  const demand = (holds: boolean, reason: string): void => {
    if (!holds) reasons.push(reason)
  }
  demand(same(base.model, result.model), 'model-changed')
  demand(
    same(Object.keys(base.prompts).sort(), Object.keys(result.prompts).sort()),
    'prompts-changed',
  )
  for (const [id, sections] of Object.entries(base.prompts)) {
    const after = result.prompts[id] ?? []
    demand(same(locked(sections), locked(after)), `locked-section-changed: ${id}`)
    demand(hasNoNewTwin(sections, after), `section-id-repeated: ${id}`)
  }
  demand(hasNoNewTwin(base.fewShot, result.fewShot), 'example-id-repeated')
  demand(hasNoNewTwin(base.skills, result.skills), 'skill-id-repeated')
  demand(same(base.tools.map(identity), result.tools.map(identity)), 'tools-changed')
  base.tools.forEach((tool, index) => {
    const enabled = !tool.enabled && result.tools[index]?.enabled === true
    demand(!enabled, `tool-switched-on: ${tool.name}`)
  })
  demand(result.guards.maxSteps <= 2 * base.guards.maxSteps, 'max-steps-more-than-doubled')
  demand(!base.guards.loopDetector || result.guards.loopDetector, 'loop-detector-switched-off')
  return reasons
}

const identity = (tool: AgentConfig['tools'][number]): unknown => [tool.name, tool.parameters]

/** A second section of the same id could shadow a locked one. What the base repeats already is let be. */
const hasNoNewTwin = (
  before: readonly { readonly id: string }[],
  after: readonly { readonly id: string }[],
): boolean => {
  const repeats = (items: readonly { readonly id: string }[]): number =>
    items.length - new Set(items.map(({ id }) => id)).size
  return repeats(after) <= repeats(before)
}
