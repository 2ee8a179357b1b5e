import type { ImprovedAgent } from './controller-session.ts'
import { factsOf } from './controller-session.ts'
import type { WorkResult } from './cycle/conclude.ts'
import type { Work } from './cycle/facts.ts'
import type { CycleServices } from './cycle-services.ts'
import { type EvaluationLedger, openEvaluationLedger } from './evaluation/evaluation-ledger.ts'
import { runBudget } from './evaluation/run-budget.ts'
import { prepareSuite } from './prepare-suite.ts'
import { readExamples, textsOf } from './read-examples.ts'
import { runSearch } from './run-search.ts'
import { runTest } from './run-test.ts'

/** One piece of work of a cycle, with the agent opened for it and closed after it. */
export const doWork = async (
  agent: ImprovedAgent,
  work: Work,
  signal: AbortSignal,
): Promise<WorkResult> => {
  const { session, settings } = agent
  if (settings.run === undefined)
    return { type: 'impossible', reason: 'agent-unavailable: no `run` is configured' }
  const ledger = await ledgerOf(agent, work.cycle.id)
  const runner = await session.openRunner(settings.run)
  try {
    return await act(work, {
      context: session.context,
      settings,
      cycle: work.cycle,
      facts: factsOf(agent),
      runner,
      ledger,
      budget: runBudget(work.cycle.maxAgentRuns, ledger.spentRuns()),
      append: session.view.append,
      signal,
    })
  } finally {
    await runner.close()
  }
}

const act = async (work: Work, services: CycleServices): Promise<WorkResult> => {
  switch (work.type) {
    case 'prepare-suite':
      return prepareSuite(services)
    case 'search': {
      const { exampleTraceIds } = work.cycle.cluster
      const examples = await readExamples(services.context.store, exampleTraceIds)
      return runSearch(services, textsOf(examples))
    }
    case 'test':
      return runTest(services, work.digest)
  }
}

const ledgerOf = async (
  { session: { ledgers, context }, name }: ImprovedAgent,
  cycleId: string,
): Promise<EvaluationLedger> => {
  const known = ledgers.get(name)
  if (known?.cycleId === cycleId) return known.ledger
  const ledger = await openEvaluationLedger(context.log, cycleId)
  ledgers.set(name, { cycleId, ledger })
  return ledger
}
