import { z } from 'zod'
import { ROOT_CAUSE_TYPES, type TraceCause } from '../../schemas/cluster.ts'
import { unitScore } from '../../schemas/scalars.ts'
import { parseJson } from './parse-json.ts'
import { type RefinedRun, shownSteps } from './trace-request.ts'

const answer = z.object({
  rootCauseType: z.enum(ROOT_CAUSE_TYPES),
  step: z.number().int(),
  confidence: unitScore,
})

/** Reads what a model says of one run, or null. The pointer is to a step that was shown, otherwise to the run alone. */
export const parseTraceAnswer = (text: string, run: RefinedRun): TraceCause | null => {
  const parsed = answer.safeParse(parseJson(text))
  if (!parsed.success) return null
  const { rootCauseType, step, confidence } = parsed.data
  const shown = shownSteps(run).find(({ number }) => number === step)
  return { traceId: run.traceId, spanId: shown?.step.spanId ?? null, rootCauseType, confidence }
}
