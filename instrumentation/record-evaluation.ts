import { context, SeverityNumber } from '@opentelemetry/api'
import { ownLogger } from './running.ts'

export interface EvaluationRecord {
  /** Metric name, such as `answer_relevance`. */
  readonly name: string
  readonly value?: number
  readonly label?: string
  readonly explanation?: string
  /** Default `automated`. An `explicit` or `downstream` judgement decides the label of its run alone. */
  readonly type?: 'explicit' | 'implicit' | 'downstream' | 'automated'
  /** Who judges: a scorer, a model, a test suite. */
  readonly source?: string
  readonly version?: string
}

/**
 * Records a judgement of the running span as the log event `gen_ai.evaluation.result` of the GenAI conventions.
 * Call it inside the span that it is about. Never throws.
 */
export const recordEvaluation = (evaluation: EvaluationRecord): void => {
  try {
    ownLogger().emit({
      eventName: 'gen_ai.evaluation.result',
      severityNumber: SeverityNumber.INFO,
      context: context.active(),
      attributes: {
        'gen_ai.evaluation.name': evaluation.name,
        ...attribute('gen_ai.evaluation.score.value', evaluation.value),
        ...attribute('gen_ai.evaluation.score.label', evaluation.label),
        ...attribute('gen_ai.evaluation.explanation', evaluation.explanation),
        ...attribute('neosigma.signal.source', evaluation.source),
        ...attribute('neosigma.signal.version', evaluation.version),
        'neosigma.signal.type': evaluation.type ?? 'automated',
      },
    })
  } catch {
    // Telemetry never disturbs its host.
  }
}

const attribute = (name: string, value: string | number | undefined) =>
  value === undefined ? {} : { [name]: value }
