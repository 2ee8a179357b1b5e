import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import type { Spent } from '../evaluators/judge-budget.ts'
import { BEST_GRADE, JUDGE_REASONS, type Judgement } from '../evaluators/parse-judgement.ts'

/** One content as one judge has judged it, or was asked to. */
export interface LedgerEntry {
  readonly judge: string
  readonly content: string
  readonly traceId: string
  /** UTC, YYYY-MM-DD. */
  readonly day: string
  readonly outcome: 'asked' | 'judged' | 'unusable' | 'unavailable'
  readonly judgement: Judgement | null
  readonly calls: number
  readonly usd: number
}

interface LedgerRow {
  readonly Outcome: string
  readonly Grade: number | null
  readonly Reason: string
  readonly Day: string
  readonly Calls: number
  readonly CostUsd: number
}

/** Enters an asking or its outcome; the newest entry of a content counts. */
export const enter = (store: TraceStore, entry: LedgerEntry, nowMs: number): Promise<void> =>
  store.insert('neosigma_judgements', [
    {
      Judge: entry.judge,
      Content: entry.content,
      TraceId: entry.traceId,
      Day: entry.day,
      Outcome: entry.outcome,
      Grade: entry.judgement === null ? null : Math.round(entry.judgement.value * BEST_GRADE),
      Reason: entry.judgement?.reason ?? '',
      Calls: entry.calls,
      CostUsd: entry.usd,
      Version: String(BigInt(Math.trunc(nowMs)) * 2n + (entry.outcome === 'asked' ? 0n : 1n)),
    },
  ])

/** What is known of a content: its judgement, and what it has cost today. */
export const recall = async (
  store: TraceStore,
  { judge, content, day }: Pick<LedgerEntry, 'judge' | 'content' | 'day'>,
): Promise<{
  readonly outcome: string | null
  readonly judgement: Judgement | null
  readonly today: Spent
}> => {
  const [row] = await store.query<LedgerRow>(
    `SELECT Outcome, Grade, Reason, toString(Day) AS Day, Calls, CostUsd FROM neosigma_judgements FINAL
WHERE Judge = {judge: String} AND Content = {content: String}`,
    { judge, content },
  )
  const reason = JUDGE_REASONS.find((one) => one === row?.Reason)
  const grade = row?.Grade ?? null
  return {
    outcome: row?.Outcome ?? null,
    judgement:
      grade === null || reason === undefined ? null : { value: grade / BEST_GRADE, reason },
    today: row?.Day === day ? { calls: row.Calls, usd: row.CostUsd } : { calls: 0, usd: 0 },
  }
}

/** What all judges have cost on a day, open askings at their most. */
export const spentOn = async (store: TraceStore, day: string): Promise<Spent> => {
  const [row] = await store.query<{ readonly calls: string; readonly usd: number }>(
    'SELECT sum(Calls) AS calls, sum(CostUsd) AS usd FROM neosigma_judgements FINAL WHERE Day = {day: Date}',
    { day },
  )
  return { calls: Number(row?.calls ?? 0), usd: row?.usd ?? 0 }
}
