import { sha256 } from '../../schemas/canonical-json.ts'
import type { Fingerprint } from './fingerprint-of.ts'

/**
 * What is left of a fingerprint where there are too many: the step that failed, and nothing of what was said. Where
 * even that is too much, one fingerprint stands for all that is left.
 */
export const coarseFingerprint = ({ failingStep, spanId }: Fingerprint): Fingerprint => {
  if (failingStep === null) return { ...OTHER_FINGERPRINT, spanId }
  return {
    key: sha256(JSON.stringify(['coarse', failingStep])).slice(0, 32),
    template: '',
    failingStep,
    spanId,
    features: [`error:=${failingStep.tool}: ${failingStep.errorType}`],
  }
}

export const OTHER_FINGERPRINT: Fingerprint = {
  key: sha256('other fingerprints').slice(0, 32),
  template: '',
  failingStep: null,
  spanId: null,
  features: [],
}
