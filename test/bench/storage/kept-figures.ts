import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** What one engine has come to at one size; it is kept, so that a run that was cut off goes on where it was. */
export interface SizeFigures {
  readonly untilMs: number
  readonly spansFilled: number
  readonly runsFilled: number
  readonly isFilled: boolean
  /** Milliseconds of each repetition, by name of the query. */
  readonly times: Readonly<Record<string, readonly number[]>>
  /** Rows and bytes on the disk, by table. */
  readonly tables: readonly TableSize[]
  readonly spansPerSecond: readonly number[]
}

export interface TableSize {
  readonly name: string
  readonly rows: number
  readonly bytes: number
}

export const noFigures = (untilMs: number): SizeFigures => ({
  ...{ untilMs, spansFilled: 0, runsFilled: 0, isFilled: false },
  ...{ times: {}, tables: [], spansPerSecond: [] },
})

export const openFigures = (file: string) => {
  const all: Record<string, SizeFigures> = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, SizeFigures>)
    : {}
  return {
    of: (key: string, nowMs: number): SizeFigures => all[key] ?? noFigures(nowMs),
    keep: (key: string, figures: SizeFigures): void => {
      all[key] = figures
      writeFileSync(file, JSON.stringify(all))
    },
    all: (): Readonly<Record<string, SizeFigures>> => all,
  }
}
