import type { Diagnosis } from '../../schemas/cluster.ts'
import type { ClusterEvidence, ContrastValue, FailureKind } from './cluster-evidence.ts'
import { plainName } from './plain-name.ts'

type Cause = Pick<Diagnosis, 'rootCauseType' | 'component' | 'hypothesis' | 'rule' | 'confidence'>

/** Share of a cluster's failures from which a rule holds. */
const DOMINANT = 0.8
/** Fewer successes elsewhere say nothing about a change of model. */
const FEWEST_SUCCESSES = 10

const UNPARSABLE =
  /\b(json\w*|\w*syntaxerror|\w*parseerror|unexpected token|unexpected end|parse|parser|parsing|not valid|schema validation|output validation|malformed output)\b/
const OUTAGE =
  /\b(time(d)?[ -]?out|timeouterror|deadline exceeded|unavailable|bad gateway|gateway|internal server error|connection (refused|reset|closed|aborted)|econn\w+|etimedout|socket hang up|rate limit\w*|too many requests|overloaded|http[_ ]?5\d\d|5(00|02|03|04)|429)\b/

/**
 * What can be said of a cluster without a model. The cause is `unknown` unless a rule is certain; the words are ours,
 * of a trace only names of tools are taken. @example the tool `refund_order` failing is a fact, why it failed is not
 */
export const deterministicDiagnosis = (evidence: ClusterEvidence): Diagnosis => ({
  ...(modelChange(evidence) ?? unparsableOutput(evidence) ?? outage(evidence) ?? unknown(evidence)),
  evidence: evidence.examples.map(({ traceId, spanId }) => ({ traceId, spanId })).slice(0, 20),
  source: 'deterministic',
})

const shareOf = (
  { kinds, failures }: ClusterEvidence,
  matches: (kind: FailureKind) => boolean,
): number =>
  failures === 0
    ? 0
    : kinds.reduce((sum, kind) => sum + (matches(kind) ? kind.failures : 0), 0) / failures

/** Failures all on one model, successes nearly all on others, under the same prompt and agent version. */
const modelChange = ({ contrast }: ClusterEvidence): Cause | null => {
  const changed = separating(contrast.model)
  const ownChange = separating(contrast.promptVersion) ?? separating(contrast.agentVersion)
  if (changed === null || ownChange !== null) return null
  return {
    rootCauseType: 'model',
    component: '',
    hypothesis: `The failures began with another response model: ${plainName(changed.value)} answers nearly all failed runs and nearly no successful one.`,
    rule: '',
    confidence: 0.9,
  }
}

const separating = (values: readonly ContrastValue[]): ContrastValue | null => {
  const failures = values.reduce((sum, value) => sum + value.failures, 0)
  const successes = values.reduce((sum, value) => sum + value.successes, 0)
  const found = values.find(
    (value) =>
      value.failures >= 0.9 * failures &&
      value.successes <= 0.1 * successes &&
      successes - value.successes >= FEWEST_SUCCESSES,
  )
  return failures > 0 && found !== undefined ? found : null
}

const unparsableOutput = (evidence: ClusterEvidence): Cause | null => {
  const share = shareOf(
    evidence,
    ({ failingStep, template, features }) =>
      features.includes('answer:=broken-json') ||
      (features.some((feature) => feature.startsWith('error:')) &&
        failingStep?.kind !== 'tool' &&
        UNPARSABLE.test(template.toLowerCase())),
  )
  if (share < DOMINANT) return null
  return {
    rootCauseType: 'scaffold',
    component: 'output',
    hypothesis: 'The output of the agent cannot be parsed in the form that its caller expects.',
    rule: 'Answer in exactly the expected format and with nothing around it.',
    confidence: share,
  }
}

const outage = (evidence: ClusterEvidence): Cause | null => {
  const share = shareOf(
    evidence,
    ({ failingStep, template }) =>
      failingStep !== null && OUTAGE.test(`${failingStep.errorType} ${template}`.toLowerCase()),
  )
  if (share < DOMINANT) return null
  const place = failingPlace(evidence)
  return {
    rootCauseType: 'environment',
    component: 'retry',
    hypothesis: `${place === null ? 'Steps' : `Calls of ${place}`} run into time limits or an unavailable service.`,
    rule: 'Try a call that was not answered again after a pause before giving up.',
    confidence: share,
  }
}

const unknown = (evidence: ClusterEvidence): Cause => {
  const place = failingPlace(evidence)
  return {
    rootCauseType: 'unknown',
    component: place ?? '',
    hypothesis:
      place === null
        ? 'The runs end without an error and are judged as failed. Why is not known without a model.'
        : `${place} reports an error in most of these runs. Why is not known without a model.`,
    rule: '',
    confidence: 0,
  }
}

/** The tool at which most of the failures report their last error, or null. */
export const failingPlace = (evidence: ClusterEvidence): string | null => {
  const tools = new Map<string, number>()
  for (const { failingStep, failures } of evidence.kinds)
    if (failingStep !== null) {
      const name = plainName(failingStep.tool)
      tools.set(name, (tools.get(name) ?? 0) + failures)
    }
  const [first] = [...tools].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return first !== undefined && first[0] !== '' && first[1] * 2 >= evidence.failures
    ? first[0]
    : null
}
