import { configDigest } from '../schemas/agent-config.ts'
import type { Task } from '../schemas/task.ts'
import { type CycleServices, evaluate } from './cycle-services.ts'
import type { Arm } from './evaluation/evaluate-tasks.ts'
import { scaffoldEdits } from './harness-optimizer/scaffold-edits.ts'
import { verifyTest } from './harness-optimizer/verify-test.ts'

/** Of the cycle's agent runs, at most this share is spent on verifying tests. */
const VERIFICATION_SHARE = 0.2
const MOST_CONTROLS = 4

/**
 * Whether a generated test is worth keeping: the agent as it is must fail it, and some control must pass it. Controls
 * are the versions before, and the changes of the scaffold that might repair the agent. `verified`, or why not.
 */
export const verifyGenerated = async (services: CycleServices, task: Task): Promise<string> => {
  const failing: boolean[] = []
  for (const control of controlsOf(services)) {
    const verdict = await verifyAgainst(services, { task, control, failing })
    if (verdict !== 'control-fails') return verdict
  }
  return 'control-fails'
}

const verifyAgainst = async (
  services: CycleServices,
  test: { readonly task: Task; readonly control: Arm; readonly failing: boolean[] },
): Promise<string> => {
  const { task, control, failing } = test
  const passing: boolean[] = []
  for (;;) {
    const step = verifyTest({ failing, control: passing })
    if (step.verdict === 'verified') return 'verified'
    if (step.verdict === 'refused') return step.reason
    const [runs, arm] =
      step.side === 'failing' ? [failing, services.cycle.baseline] : [passing, control]
    const passed = await runOnce(services, { task, arm, replicate: runs.length })
    if (passed === null) return 'not-runnable'
    runs.push(passed)
  }
}

const controlsOf = ({ cycle, facts }: CycleServices): readonly Arm[] => {
  const { baseline, cluster } = cycle
  const edited = scaffoldEdits(cluster.diagnosis, baseline.config).map(({ config }) => ({
    digest: configDigest(config),
    config,
  }))
  const known = [...facts.live.history].reverse()
  return [...known, ...edited]
    .filter(({ digest }) => digest !== baseline.digest)
    .slice(0, MOST_CONTROLS)
}

/** null where the run has no score or the share of the budget is used up. */
const runOnce = async (
  services: CycleServices,
  run: { readonly task: Task; readonly arm: Arm; readonly replicate: number },
): Promise<boolean | null> => {
  const { cycle, ledger } = services
  if (ledger.spentRuns() >= VERIFICATION_SHARE * cycle.maxAgentRuns) return null
  const outcome = await evaluate(services, { stage: 'verify', suite: [run.task], runs: [run] })
  return outcome.kind === 'evaluated' ? (outcome.evaluations[0]?.passed ?? null) : null
}
