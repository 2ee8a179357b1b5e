import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { SpanSize } from './gen-ai-spans.ts'
import type { Contender, Figures } from './kafka-to-clickhouse.ts'

/** One run of a contender, as it is kept: a benchmark of an hour is made in pieces. */
export interface KeptRun {
  readonly size: SpanSize
  readonly spans: number
  readonly spanBytes: number
  readonly contender: Contender
  /** What the machine did in the minute before. */
  readonly load: number
  readonly figures: Figures
}

export const keepRun = (file: string, run: KeptRun): void =>
  appendFileSync(file, `${JSON.stringify(run)}\n`)

export const keptRuns = (file: string): readonly KeptRun[] => {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
}
