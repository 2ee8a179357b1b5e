import { type AgentConfig, configDigest, type PromptSection } from '../../schemas/agent-config.ts'
import { sha256 } from '../../schemas/canonical-json.ts'
import { scaffoldEdits } from '../harness-optimizer/scaffold-edits.ts'
import { configDiff } from './config-diff.ts'
import type { Proposal, ProposalOrder } from './search-state.ts'

interface Draft {
  readonly config: AgentConfig
  readonly hypothesis: string
}

/**
 * Proposals when no model is there, from the diagnosis alone: its rule as a section of the prompt, and for causes in
 * harness or scaffold a small table of settings. At most `order.count`, none that is known; often fewer, which is the
 * honest answer when the diagnosis knows no rule.
 */
export const deterministicProposals = (order: ProposalOrder): readonly Proposal[] => {
  const { diagnosis, parent } = order
  const inScaffold = diagnosis.rootCauseType === 'harness' || diagnosis.rootCauseType === 'scaffold'
  const drafts = inScaffold
    ? [...scaffoldEdits(diagnosis, parent), ...ruleSections(order)]
    : ruleSections(order)
  const taken = new Set([...order.known, configDigest(parent)])
  return drafts
    .filter(({ config }) => {
      const digest = configDigest(config)
      if (taken.has(digest)) return false
      taken.add(digest)
      return true
    })
    .slice(0, order.count)
    .map(({ config, hypothesis }) => ({
      patch: configDiff(parent, config),
      hypothesis,
      expectedFixes: order.taskScores.filter(({ score }) => score < 1).map(({ taskId }) => taskId),
      fearedRegressions: [],
    }))
}

/** The rule, plainly and with its reason; under constraints only for the diagnosed case, or it would break the same again. */
const ruleSections = (order: ProposalOrder): readonly Draft[] => {
  const { rule, hypothesis, component } = order.diagnosis
  const { prompts } = order.parent
  const prompt = prompts[component] === undefined ? Object.keys(prompts)[0] : component
  if (prompt === undefined || rule.trim() === '') return []
  const narrow = [
    `This holds only in the following case: ${hypothesis}\nIn that case: ${rule}\nIn every other case the other sections hold unchanged.`,
    `Only when the task at hand is exactly of the kind described here, and never otherwise: ${rule}\n(${hypothesis})`,
  ]
  const wide = [rule, `${rule}\nCheck this once more before you answer.`]
  const texts = order.constraints.length > 0 ? narrow : [...wide, ...narrow]
  return texts.map((text) => ({
    config: addSection(order.parent, prompt, { id: `rule-${sha256(rule).slice(0, 8)}`, text }),
    hypothesis: `The prompt lacks this rule: ${rule}`,
  }))
}

/** One section per rule: a new wording replaces the old one instead of repeating it. */
const addSection = (config: AgentConfig, prompt: string, section: PromptSection): AgentConfig => {
  const others = (config.prompts[prompt] ?? []).filter(({ id }) => id !== section.id)
  return { ...config, prompts: { ...config.prompts, [prompt]: [...others, section] } }
}
