import type { EvaluatorSettings } from '../../schemas/signal-settings.ts'
import type { Detection } from '../signals/judge-run.ts'
import { emptyOutput, refusedOutput, truncatedOutput } from './bad-output.ts'
import { repeatedSteps } from './repeated-steps.ts'
import type { Finding, RunFacts } from './run-facts.ts'
import { schemaViolation } from './schema-violation.ts'
import { toolErrorRate } from './tool-error-rate.ts'

interface Detector {
  readonly name: string
  /** Changed with the rule: what was measured of another version says nothing. */
  readonly version: string
  readonly isOn: (settings: EvaluatorSettings) => boolean
  readonly find: (facts: RunFacts, settings: EvaluatorSettings) => Finding | null
}

export const DETECTOR_SOURCE = 'neosigma'

/** The detectors that are built in; the error status is the last word where nothing else speaks (`scoreRun`). */
export const DETECTORS: readonly Detector[] = [
  {
    name: 'tool_error_rate',
    version: '1',
    isOn: ({ toolErrorRate: { enabled } }) => enabled,
    find: (facts, settings) => toolErrorRate(facts, settings.toolErrorRate),
  },
  {
    name: 'repeated_steps',
    version: '1',
    isOn: ({ repeatedSteps: { enabled } }) => enabled,
    find: (facts, settings) => repeatedSteps(facts, settings.repeatedSteps.repetitions),
  },
  {
    name: 'empty_output',
    version: '1',
    isOn: (settings) => settings.emptyOutput,
    find: emptyOutput,
  },
  {
    name: 'refused_output',
    version: '1',
    isOn: (settings) => settings.refusedOutput,
    find: refusedOutput,
  },
  {
    name: 'truncated_output',
    version: '1',
    isOn: (settings) => settings.truncatedOutput,
    find: truncatedOutput,
  },
  {
    name: 'schema_violation',
    version: '1',
    isOn: (settings) => settings.schemaViolation,
    find: schemaViolation,
  },
]

/** What the evaluators that are switched on say of a run. */
export const evaluateRun = (facts: RunFacts, settings: EvaluatorSettings): readonly Detection[] =>
  DETECTORS.filter(({ isOn }) => isOn(settings)).map(({ name, version, find }) => {
    const finding = find(facts, settings)
    return {
      name,
      source: DETECTOR_SOURCE,
      version,
      value: finding?.value ?? null,
      explanation: finding?.explanation ?? null,
    }
  })
