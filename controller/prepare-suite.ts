import { digestOf } from '../schemas/canonical-json.ts'
import { assignSplits } from './cycle/assign-splits.ts'
import type { WorkResult } from './cycle/conclude.ts'
import { type CycleServices, untoldRuns } from './cycle-services.ts'
import { generateTests } from './generate-tests.ts'
import { readSuite } from './read-suite.ts'
import { fewestTargetTasks } from './regression-tester/sample-size.ts'

/** Reads the suite and gives every task its split. From here on the cycle uses what is on the log, not the file. */
export const prepareSuite = async (services: CycleServices): Promise<WorkResult> => {
  const { cycle, settings, facts } = services
  const suite = await readSuite(settings)
  if (!suite.ok) return { type: 'impossible', reason: `suite-unusable: ${suite.problem}` }
  const known = assignSplits(suite.content, cycle.cluster, {
    seed: cycle.seed,
    // As many again as the fewest that can prove a gain, since hardly ever all of them are won.
    fewest: 2 * fewestTargetTasks(facts.policy.test.alpha),
  })
  const generated = await generateTests(services, known)
  const tasks = [...known, ...generated]
  return {
    type: 'suite-prepared',
    tasks,
    suiteDigest: digestOf(tasks),
    generated: generated.length,
    agentRuns: untoldRuns(services),
  }
}
