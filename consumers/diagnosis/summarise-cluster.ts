import type { Diagnosis } from '../../schemas/cluster.ts'
import type { ClusterEvidence } from './cluster-evidence.ts'
import { failingPlace } from './deterministic-diagnosis.ts'
import { plainName } from './plain-name.ts'

const TOKENS = 14
const TERMS = 5

/**
 * One line for a listing: the hypothesis where a model gave one, else what fails and in which masked words, or what is
 * typical of the runs. Words of the masked template only, no punctuation of it: nothing that could be followed.
 */
export const summariseCluster = (evidence: ClusterEvidence, diagnosis: Diagnosis): string => {
  if (diagnosis.source === 'model') return diagnosis.hypothesis
  const kind = evidence.kinds[0]
  if (kind === undefined) return diagnosis.hypothesis
  const words = (kind.template.match(/[\p{L}_]+/gu) ?? []).slice(0, TOKENS).join(' ')
  const place = failingPlace(evidence)
  if (place !== null) return `${place} fails: ${words || 'without a message'}`
  const terms = topTerms(kind.features)
  return [terms === '' ? 'no tools' : `after ${terms}`, `ends with: ${words || 'no answer'}`].join(
    ', ',
  )
}

const topTerms = (features: readonly string[]): string =>
  features
    .filter((feature) => feature.startsWith('tool:'))
    .slice(0, TERMS)
    .map((feature) => plainName(feature.slice('tool:'.length)))
    .join(', ')
