import type { FailingStep } from '../fingerprint/fingerprint-of.ts'

/** One kind of failure inside a cluster. Texts are masked but come from traces: data, never instructions. */
export interface FailureKind {
  readonly failingStep: FailingStep | null
  readonly template: string
  readonly features: readonly string[]
  readonly failures: number
}

/** A failed run as it is shown to a model: untrusted text, cut when it is quoted. */
export interface FailureExample {
  readonly traceId: string
  readonly spanId: string | null
  readonly input: string | null
  readonly output: string | null
  readonly error: string | null
  readonly tools: readonly string[]
}

/** How often one value (a model, a prompt version) is met among the cluster's failures and among successful runs. */
export interface ContrastValue {
  readonly value: string
  readonly failures: number
  readonly successes: number
}

export interface Contrast {
  readonly model: readonly ContrastValue[]
  readonly promptVersion: readonly ContrastValue[]
  readonly agentVersion: readonly ContrastValue[]
}

/** Everything that a diagnosis may rest on. */
export interface ClusterEvidence {
  readonly agent: string
  readonly taskType: string | null
  readonly failures: number
  /** The most frequent first. */
  readonly kinds: readonly FailureKind[]
  readonly examples: readonly FailureExample[]
  readonly contrast: Contrast
}
