import { z } from 'zod'
import { parseJson } from '../diagnosis/parse-json.ts'

export const BEST_GRADE = 4
/** All that a judge may say: no word of a trace can come back through it. */
export const JUDGE_REASONS = [
  'done',
  'partly_done',
  'not_done',
  'wrong_result',
  'unsafe',
  'unclear',
] as const

const judgement = z.strictObject({
  grade: z.number().int().min(0).max(BEST_GRADE),
  reason: z.enum(JUDGE_REASONS),
})

export interface Judgement {
  /** In [0, 1]. */
  readonly value: number
  readonly reason: (typeof JUDGE_REASONS)[number]
}

/** Reads a judge's answer by its closed schema; anything else is null. */
export const parseJudgement = (text: string): Judgement | null => {
  const parsed = judgement.safeParse(parseJson(text))
  return parsed.success
    ? { value: parsed.data.grade / BEST_GRADE, reason: parsed.data.reason }
    : null
}
