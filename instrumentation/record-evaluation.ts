import { context, logs, SeverityNumber } from '@opentelemetry/api'

export interface EvaluationRecord {
  /** Metric name, such as `answer_relevance`. */
  readonly name: string
  readonly value?: number
  readonly label?: string
  readonly explanation?: string
  /** Who judges; the default is `code`. Users' own opinions go by `recordFeedback`. */
  readonly evaluator?: 'code' | 'model' | 'human'
  readonly version?: string
}

/**
 * Records a judgement of the running span as the log event `gen_ai.evaluation.result` of the GenAI conventions.
 * Call it inside the span that it is about. Never throws.
 */
export const recordEvaluation = (evaluation: EvaluationRecord): void => {
  try {
    logs.getLogger('@neosigma/instrumentation').emit({
      eventName: 'gen_ai.evaluation.result',
      severityNumber: SeverityNumber.INFO,
      context: context.active(),
      attributes: {
        'gen_ai.evaluation.name': evaluation.name,
        ...attribute('gen_ai.evaluation.score.value', evaluation.value),
        ...attribute('gen_ai.evaluation.score.label', evaluation.label),
        ...attribute('gen_ai.evaluation.explanation', evaluation.explanation),
        ...attribute('neosigma.evaluator.version', evaluation.version),
        'neosigma.evaluator.kind': evaluation.evaluator ?? 'code',
      },
    })
  } catch {
    // Telemetry never disturbs its host.
  }
}

const attribute = (name: string, value: string | number | undefined) =>
  value === undefined ? {} : { [name]: value }
