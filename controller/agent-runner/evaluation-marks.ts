import { sha256 } from '../../schemas/canonical-json.ts'
import type { RunRequest } from '../../schemas/run-protocol.ts'

/** W3C baggage by which instrumentation marks the agent's spans, so that evaluations never enter failure mining. */
export const EVALUATION_BAGGAGE = 'neosigma.evaluation=1'

/** W3C trace context of a run, made from its id: the same attempt has the same trace. */
export const traceparentOf = ({ runId, attempt }: RunRequest): string => {
  const hash = sha256(`${runId}/${attempt}`)
  return `00-${hash.slice(0, 32)}-${hash.slice(32, 48)}-01`
}

export const evaluationHeaders = (request: RunRequest): Readonly<Record<string, string>> => ({
  'x-neosigma-evaluation': '1',
  baggage: EVALUATION_BAGGAGE,
  traceparent: traceparentOf(request),
  'idempotency-key': `${request.runId}/${request.attempt}`,
})

/** The same for a process, with what its tools may want to know. */
export const evaluationVariables = (request: RunRequest): Readonly<Record<string, string>> => ({
  NEOSIGMA_EVALUATION: '1',
  NEOSIGMA_RUN_ID: request.runId,
  NEOSIGMA_SEED: String(request.seed),
  BAGGAGE: EVALUATION_BAGGAGE,
  TRACEPARENT: traceparentOf(request),
})
