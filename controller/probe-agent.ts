import { type CycleServices, evaluate } from './cycle-services.ts'
import type { SearchState } from './prompt-optimizer/search-state.ts'

/** Tasks of each split that are tried before a whole suite is run against an agent that is not there. */
const PROBED_TASKS = 3

/**
 * Whether the agent answers at all: some of the baseline's own runs, which the search needs anyway. The reason why it
 * does not, or null. Failures on the target's tasks alone may be just what is to be repaired.
 */
export const probeAgent = async (
  services: CycleServices,
  { setup }: SearchState,
): Promise<string | null> => {
  const { cycle } = services
  const probed = new Set([
    ...setup.fixTaskIds.slice(0, PROBED_TASKS),
    ...setup.holdoutTaskIds.slice(0, PROBED_TASKS),
  ])
  const runs = cycle.tasks
    .filter(({ id }) => probed.has(id))
    .map((task) => ({ task, arm: cycle.baseline, replicate: 0 }))
  const outcome = await evaluate(services, { stage: 'search', suite: cycle.tasks, runs })
  if (outcome.kind !== 'evaluated' || outcome.evaluations.length === 0) return null
  const { evaluations } = outcome
  const telling = evaluations.filter(
    ({ split, status }) => split === 'holdout' || status !== 'agent_error',
  )
  if (telling.length === 0 || evaluations.some(({ status }) => status === 'ok')) return null
  const [first] = evaluations
  return `agent-unavailable: none of ${evaluations.length} runs gave an answer (${first?.status}: ${first?.error})`
}
