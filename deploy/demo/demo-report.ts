import { isCost } from '../../controller/regression-tester/metric-rules.ts'
import type { DeploymentDecision } from '../../schemas/decision.ts'
import type { Evidence } from '../../schemas/evidence.ts'
import type { SystemView } from './read-system.ts'

export interface ReportFacts {
  readonly simulatedModel: boolean
  readonly seed: number
  readonly view: SystemView
  /** In the order in which the subscriber received them. */
  readonly decisions: readonly DeploymentDecision[]
}

/** The one JSON document of `neosigma demo --json`. */
export const demoReport = ({ simulatedModel, seed, view, decisions }: ReportFacts) => ({
  simulatedModel,
  seed,
  spans: view.spans,
  runs: view.runs,
  failures: view.failures,
  clusters: view.clusters,
  cycles: view.cycles.map(({ id, clusterId, outcome, candidates, evidence }) => ({
    id,
    clusterId,
    outcome,
    candidates: candidates
      .filter((candidate) => candidate.outcome !== null)
      .map((candidate) => ({
        digest: candidate.digest,
        outcome: candidate.outcome,
        evidence: candidate.evidence.map(shortEvidence),
      })),
    evidence: evidence.map(shortEvidence),
  })),
  decisions,
})

/** As candidate − baseline, plainly: evidence itself is turned so that more is better. */
const shortEvidence = ({ metric, role, n, effect, interval: [low, high], verdict }: Evidence) => {
  const plain = (value: number | null): number | null =>
    value === null || !isCost(metric) ? value : 0 - value
  const [from, to] = isCost(metric) ? [high, low] : [low, high]
  return { metric, role, n, effect: plain(effect), interval: [plain(from), plain(to)], verdict }
}

/** What a whole demonstration shows and this one did not; empty when everything happened. */
export const missingFrom = ({ view, decisions }: Omit<ReportFacts, 'seed'>): readonly string[] => {
  const promoted = decisions.find(({ decision }) => decision === 'promote')
  const version = promoted?.toVersion
  const first = (check: (decision: DeploymentDecision) => boolean): number =>
    decisions.findIndex(check)
  const canary = first((one) => one.decision === 'canary' && one.toVersion === version)
  const promote = first((one) => one.decision === 'promote')
  const rollback = first((one) => one.decision === 'rollback' && one.fromVersion === version)
  const cycle = view.cycles.find(({ id }) => id === promoted?.causation.cycleId)
  const candidates = (cycle === undefined ? view.cycles : [cycle]).flatMap((one) => one.candidates)
  const checks: readonly (readonly [boolean, string])[] = [
    [view.failures > 0, 'failed runs'],
    [view.clusters.length > 0, 'a ranked cluster'],
    [
      view.cycles.some(({ candidates }) => candidates.some(isTemptingAndRejected)),
      'a candidate that repairs the cluster and is rejected by the regression test',
    ],
    [
      candidates.some(
        ({ digest, outcome }) =>
          outcome === 'passed' && (version === undefined || digest === version),
      ),
      'a candidate that passes the regression test',
    ],
    [canary >= 0 && canary < promote, 'a canary that is promoted'],
    [rollback > promote && promote >= 0, 'a roll-back of what was promoted'],
    [cycle?.outcome === 'RolledBack', 'a cycle with the outcome RolledBack'],
  ]
  return checks.filter(([happened]) => !happened).map(([, what]) => what)
}

/** Better on its target, and shown to be worse elsewhere. */
const isTemptingAndRejected = ({
  outcome,
  evidence,
}: {
  readonly outcome: string | null
  readonly evidence: readonly Evidence[]
}): boolean =>
  outcome === 'rejected' &&
  evidence.some(({ role, verdict }) => role === 'target' && verdict === 'superior') &&
  evidence.some(({ role, verdict }) => role === 'guardrail' && verdict === 'inferior')
