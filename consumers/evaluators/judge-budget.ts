import { sha256 } from '../../schemas/canonical-json.ts'
import type { JudgeSettings } from '../../schemas/signal-settings.ts'
import { ANSWER_TOKENS, type JudgeRequest } from './judge-request.ts'

export interface Spent {
  readonly calls: number
  readonly usd: number
}

const FRAME_TOKENS = 200

/** Whether a run is in the sample: by its trace id alone, so that it is in it each time it is looked at. */
export const isSampled = (traceId: string, { sampleShare }: JudgeSettings): boolean =>
  Number.parseInt(sha256(`judge ${traceId}`).slice(0, 8), 16) / 2 ** 32 < sampleShare

/** What a call may cost at most: a token is at least a byte, and the answer as long as it may be. */
export const mostUsd = ({ messages, schema }: JudgeRequest, settings: JudgeSettings): number => {
  const bytes = Buffer.byteLength(JSON.stringify([messages, schema]))
  return usdOf({ inputTokens: bytes + FRAME_TOKENS, outputTokens: ANSWER_TOKENS }, settings)
}

export const usdOf = (
  { inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number },
  { usdPerMillionInputTokens, usdPerMillionOutputTokens }: JudgeSettings,
): number =>
  (inputTokens * usdPerMillionInputTokens + outputTokens * usdPerMillionOutputTokens) / 1e6

/** Whether one more call keeps within the day. */
export const isAffordable = (
  spent: Spent,
  usd: number,
  { maxCallsPerDay, maxUsdPerDay }: JudgeSettings,
): boolean => spent.calls + 1 <= maxCallsPerDay && spent.usd + usd <= maxUsdPerDay
