import type {
  ClusterEvidence,
  Contrast,
  ContrastValue,
  FailureExample,
  FailureKind,
} from '../diagnosis/cluster-evidence.ts'
import { diverseSample } from '../diagnosis/diverse-sample.ts'
import type { ClusterMembers } from './cluster-members.ts'
import type { DiagnosisBasis, Member } from './miner-state.ts'
import type { ContrastRow } from './miner-store.ts'
import { parseBody } from './miner-store.ts'

const EXAMPLES = 10
const NO_CONTRAST: Contrast = { model: [], promptVersion: [], agentVersion: [] }

/** Evidence from memory alone: kinds of failure and pointers, no texts and no contrast. */
export const evidenceOf = (agent: string, members: ClusterMembers): ClusterEvidence => ({
  agent,
  taskType: members.taskType,
  failures: members.failures,
  kinds: kindsOf(members),
  examples: examplesOf(members.newest).map(({ traceId }) => ({
    traceId,
    spanId: null,
    input: null,
    output: null,
    error: null,
    tools: [],
  })),
  contrast: NO_CONTRAST,
})

/** The same with what the store knows: texts of the examples, and successes to contrast with. */
export const fullEvidence = (
  evidence: ClusterEvidence,
  clusterId: string,
  bodies: ReadonlyMap<string, string>,
  contrast: readonly ContrastRow[],
): ClusterEvidence => ({
  ...evidence,
  examples: evidence.examples.map((example): FailureExample => {
    const text = bodies.get(example.traceId)
    if (text === undefined) return example
    const { fingerprint, input, output, error, tools } = parseBody(text)
    return { ...example, spanId: fingerprint.spanId, input, output, error, tools }
  }),
  contrast: contrastOf(clusterId, evidence.taskType, contrast),
})

const kindsOf = ({ fingerprints }: ClusterMembers): readonly FailureKind[] => {
  const kinds = new Map<string, FailureKind & { failures: number }>()
  for (const { fingerprint, failures } of fingerprints) {
    const { failingStep, template, features } = fingerprint
    const key = JSON.stringify([failingStep, template])
    const kind = kinds.get(key) ?? { failingStep, template, features, failures: 0 }
    kind.failures += failures
    kinds.set(key, kind)
  }
  return [...kinds.values()].sort(
    (a, b) => b.failures - a.failures || (a.template < b.template ? -1 : 1),
  )
}

/** Farthest from one another, one per session. */
const examplesOf = (members: readonly Member[]): readonly { readonly traceId: string }[] =>
  diverseSample(
    members.map(({ traceId, session, fingerprint, atMs }) => ({
      traceId,
      sessionId: session === 0 ? null : String(session),
      fingerprint: fingerprint.key,
      features: fingerprint.features,
      atMs,
    })),
    EXAMPLES,
  )

/** Successes of the same task type where the cluster has one, else of all. */
const contrastOf = (
  clusterId: string,
  taskType: string | null,
  rows: readonly ContrastRow[],
): Contrast => {
  const fitting = rows.filter(
    (row) =>
      row.cluster === clusterId ||
      (row.cluster === '' && (taskType === null || row.taskType === taskType)),
  )
  const by = (field: 'model' | 'promptVersion' | 'agentVersion'): readonly ContrastValue[] => {
    const values = new Map<string, ContrastValue & { failures: number; successes: number }>()
    for (const row of fitting) {
      const value = row[field]
      if (value === null) continue
      const entry = values.get(value) ?? { value, failures: 0, successes: 0 }
      if (row.cluster === '') entry.successes += Number(row.runs)
      else entry.failures += Number(row.runs)
      values.set(value, entry)
    }
    return [...values.values()].sort(
      (a, b) => b.failures + b.successes - a.failures - a.successes || (a.value < b.value ? -1 : 1),
    )
  }
  return {
    model: by('model'),
    promptVersion: by('promptVersion'),
    agentVersion: by('agentVersion'),
  }
}

/** What a diagnosis is made of; when it changes materially, the diagnosis is made again. */
export const basisOf = ({ kinds, failures }: ClusterEvidence): DiagnosisBasis => ({
  failingStep: JSON.stringify(kinds[0]?.failingStep ?? null),
  failures,
})

export const hasChanged = (before: DiagnosisBasis, now: DiagnosisBasis): boolean =>
  before.failingStep !== now.failingStep || now.failures >= 2 * before.failures
