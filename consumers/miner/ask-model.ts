import type { ChatAnswer } from '../../pipeline/model-client/model-client.ts'
import type { Diagnosis, TraceCause } from '../../schemas/cluster.ts'
import { NeoSigmaError } from '../../schemas/errors.ts'
import { takeCalls } from '../diagnosis/call-budget.ts'
import type { ClusterEvidence } from '../diagnosis/cluster-evidence.ts'
import { type DiagnosisRequest, diagnosisRequest } from '../diagnosis/diagnosis-request.ts'
import { membershipDigest } from '../diagnosis/membership-digest.ts'
import { mergeTraces } from '../diagnosis/merge-traces.ts'
import { parseDiagnosis } from '../diagnosis/parse-diagnosis.ts'
import { parseTraceAnswer } from '../diagnosis/parse-trace-answer.ts'
import { traceRequest } from '../diagnosis/trace-request.ts'
import type { Miner } from './miner-services.ts'
import { readRuns } from './miner-store.ts'
import { recall, remember } from './model-use.ts'

/** Single runs that are asked about in a cluster that matters. */
const REFINED_RUNS = 5

/** `postponed`: today's calls are spent, and the cluster waits. null: the model said nothing that can be used. */
export type Asked = Diagnosis | 'postponed' | null

/**
 * What the model says of a cluster; of one that matters also what it says of single runs, merged. A membership that it has spoken
 * of is not asked about again. A model that is down, or refuses the key, does not stop the miner: the rules are always there.
 */
export const askModel = async (
  miner: Miner,
  evidence: ClusterEvidence,
  refine: boolean,
): Promise<Asked> => {
  const { metrics } = miner.context
  const count = (outcome: string): void => metrics.count('neosigma.miner.diagnoses', 1, { outcome })
  const membership = membershipDigest(evidence)
  const known = recall(miner.modelUse, membership)
  if (known !== undefined) {
    count('remembered')
    return known
  }
  const answer = await chat(miner, evidence.agent, diagnosisRequest(evidence))
  if (answer === 'postponed' || answer === null) {
    count(answer === null ? 'unavailable' : 'postponed')
    return answer
  }
  const parsed = parseDiagnosis(answer.text, evidence)
  count(parsed.status)
  if (parsed.status === 'refused') {
    miner.context.logger.warn({ agent: evidence.agent, reason: parsed.reason }, 'diagnosis refused')
    return null
  }
  const causes = refine ? await causesOf(miner, evidence) : []
  const diagnosis = { ...mergeTraces(parsed.diagnosis, causes), membership }
  remember(miner.modelUse, membership, diagnosis)
  return diagnosis
}

/** One question a run, one after the other: the clusters of a round are asked side by side already. */
const causesOf = async (
  miner: Miner,
  evidence: ClusterEvidence,
): Promise<readonly TraceCause[]> => {
  const ids = evidence.examples.slice(0, REFINED_RUNS).map(({ traceId }) => traceId)
  const causes: TraceCause[] = []
  for (const run of await readRuns(miner.context.store, evidence.agent, ids)) {
    const answer = await chat(miner, evidence.agent, traceRequest(run))
    if (answer === 'postponed' || answer === null) break
    const cause = parseTraceAnswer(answer.text, run)
    miner.context.metrics.count('neosigma.miner.trace.diagnoses', 1, {
      outcome: cause === null ? 'refused' : 'usable',
    })
    if (cause !== null) causes.push(cause)
  }
  return causes
}

const chat = async (
  { context, modelUse }: Miner,
  agent: string,
  request: DiagnosisRequest,
): Promise<ChatAnswer | 'postponed' | null> => {
  const { model, logger, clock, configuration } = context
  if (model === null) return null
  const { granted, spent } = takeCalls(modelUse.spent, 1, {
    nowMs: clock.nowMs(),
    mostPerDay: configuration.miner.maxModelCallsPerDay,
  })
  modelUse.spent = spent
  if (granted === 0) return 'postponed'
  try {
    return await model.chat(request)
  } catch (error) {
    if (!(error instanceof NeoSigmaError) || error.kind === 'invariant') throw error
    logger.warn({ agent, err: error }, 'no diagnosis by the model')
    return null
  }
}
