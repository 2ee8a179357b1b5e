import type { TraceStore } from '../../../pipeline/trace-store/trace-store.ts'
import {
  activityStatements,
  clustersStatement,
  membersStatement,
  runsStatement,
  signalsStatement,
  spansStatement,
} from './fill-statements.ts'
import type { SizeFigures } from './kept-figures.ts'
import type { Scale } from './scale.ts'

const SPANS_PER_STEP = 200_000
const RUNS_PER_STEP = 50_000
const REVISIONS = [1, 2] as const

/**
 * Fills the store to a size; the engine makes the rows itself. What has been reached is kept after each step: a step that
 * is done twice leaves the same rows.
 */
export const fillStore = async (
  store: TraceStore,
  scale: Scale,
  begun: SizeFigures,
  keep: (figures: SizeFigures) => void,
): Promise<SizeFigures> => {
  let figures = begun
  const advance = (change: Partial<SizeFigures>): void => {
    figures = { ...figures, ...change }
    keep(figures)
  }
  for (let from = figures.spansFilled; from < scale.spans; from = figures.spansFilled) {
    const count = Math.min(SPANS_PER_STEP, scale.spans - from)
    await store.command(spansStatement(scale, { from, count }))
    advance({ spansFilled: from + count })
  }
  for (let from = figures.runsFilled; from < scale.traces; from = figures.runsFilled) {
    const count = Math.min(RUNS_PER_STEP, scale.traces - from)
    for (const revision of REVISIONS)
      await store.command(runsStatement(scale, { from, count }, revision))
    advance({ runsFilled: from + count })
  }
  if (figures.isFilled) return figures
  const rest = [
    ...activityStatements(scale),
    signalsStatement(scale),
    membersStatement(scale),
    clustersStatement(),
  ]
  for (const statement of rest) await store.command(statement)
  advance({ isFilled: true })
  return figures
}
