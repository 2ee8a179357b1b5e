import { ConfigError, TransientError } from '../schemas/errors.ts'
import type { Task } from '../schemas/task.ts'
import type { CycleServices } from './cycle-services.ts'
import { deterministicTests } from './harness-optimizer/deterministic-tests.ts'
import { distinctTests } from './harness-optimizer/distinct-tests.ts'
import { examplesOf, type TestEvidence } from './harness-optimizer/test-evidence.ts'
import { parseGeneratedTests, testGenerationRequest } from './harness-optimizer/test-generation.ts'
import { readExamples } from './read-examples.ts'
import { verifyGenerated } from './verify-generated.ts'

const MOST_TESTS = 4

/**
 * New tests for a cluster whose cause lies in the harness, made from its example runs and kept only when runs have
 * verified them. They go to `fix`: they were chosen by how the agent does on them, and may not judge it.
 */
export const generateTests = async (
  services: CycleServices,
  suite: readonly Task[],
): Promise<readonly Task[]> => {
  const { cycle, context } = services
  const { id, diagnosis, exampleTraceIds } = cycle.cluster
  if (diagnosis.rootCauseType !== 'harness') return []
  const examples = examplesOf(await readExamples(context.store, exampleTraceIds))
  if (examples.length === 0) return []
  const evidence = { clusterId: id, diagnosis, config: cycle.baseline.config, examples }
  const fresh = distinctTests(await proposeTests(services, evidence), suite).slice(0, MOST_TESTS)
  const kept: Task[] = []
  for (const test of fresh) {
    const task: Task = { ...test, split: 'fix' }
    const verdict = await verifyGenerated(services, task)
    const { logger } = context
    logger.info({ cycleId: cycle.id, taskId: task.id, verdict }, 'a generated test was verified')
    if (verdict === 'verified') kept.push(task)
  }
  return kept
}

const proposeTests = async (
  { context, cycle }: CycleServices,
  evidence: TestEvidence,
): Promise<readonly Task[]> => {
  if (context.model === null) return deterministicTests(evidence)
  try {
    const request = testGenerationRequest(evidence)
    const answer = await context.model.chat({ ...request, seed: cycle.seed })
    const tests = parseGeneratedTests(answer.text, evidence)
    return tests.length > 0 ? tests : deterministicTests(evidence)
  } catch (error) {
    if (!(error instanceof TransientError || error instanceof ConfigError)) throw error
    context.logger.warn({ cycleId: cycle.id, err: error }, 'tests without the model')
    return deterministicTests(evidence)
  }
}
