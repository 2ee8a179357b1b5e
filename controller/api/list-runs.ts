import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { msOfStoreTime, type RunRow } from '../../schemas/tables.ts'
import { after, type Condition, where } from './where.ts'

const COLUMNS =
  'TraceId, Agent, TaskType, Outcome, Score, StartedAt, DurationMs, ModelCalls, ToolCalls, InputTokens, OutputTokens, Dialect, Model'

export type SelectedRow = Pick<
  RunRow,
  | 'TraceId'
  | 'Agent'
  | 'TaskType'
  | 'Outcome'
  | 'Score'
  | 'StartedAt'
  | 'DurationMs'
  | 'ModelCalls'
  | 'ToolCalls'
  | 'InputTokens'
  | 'OutputTokens'
  | 'Dialect'
  | 'Model'
>

/** Start in milliseconds, and trace. */
export type RunPlace = readonly [number, string]

export interface RunsAsked {
  /** On columns that neosigma_runs and neosigma_run_times both have. */
  readonly conditions: readonly Condition[]
  /** Runs come after it; null: from the newest on. */
  readonly place: RunPlace | null
  readonly limit: number
}

/** Candidates that turn out to be superseded, before more have to be fetched. */
const SPARE = 20
/** So many ids go with one statement. */
const MOST_CANDIDATES = 1100

type Candidate = Pick<RunRow, 'StartedAt' | 'TraceId'>

/**
 * The runs that match, newest first. neosigma_run_times gives the traces in this order, revisions that are superseded among
 * them; neosigma_runs says what they are now. A run counts where it stands now: at its place between the candidates.
 */
export const listRuns = async (
  store: TraceStore,
  { conditions, place, limit }: RunsAsked,
): Promise<readonly SelectedRow[]> => {
  const found: SelectedRow[] = []
  for (let from = place; ; ) {
    const most = Math.min(limit - found.length + SPARE, MOST_CANDIDATES)
    const candidates = await readCandidates(store, conditions, from, most)
    const last = candidates.at(-1)
    if (last === undefined) return found
    const rows = await readRuns(store, conditions, candidates)
    found.push(...rows.filter((row) => isWithin(row, from, candidates.length < most ? null : last)))
    if (found.length >= limit || candidates.length < most) return found.slice(0, limit)
    from = placeOf(last)
  }
}

const readCandidates = (
  store: TraceStore,
  conditions: readonly Condition[],
  place: RunPlace | null,
  most: number,
): Promise<readonly Candidate[]> => {
  const { sql, parameters } = where([...conditions, after(['StartedAt', 'TraceId'], place)])
  return store.query<Candidate>(
    `SELECT StartedAt, TraceId FROM neosigma_run_times ${sql} ORDER BY StartedAt DESC, TraceId DESC LIMIT ${most}`,
    parameters,
  )
}

const readRuns = (
  store: TraceStore,
  conditions: readonly Condition[],
  candidates: readonly Candidate[],
): Promise<readonly SelectedRow[]> => {
  const ids = [...new Set(candidates.map(({ TraceId }) => TraceId))]
  const among = { sql: 'TraceId IN {ids: Array(String)}', parameters: { ids } }
  const { sql, parameters } = where([...conditions, among])
  return store.query<SelectedRow>(
    `SELECT ${COLUMNS} FROM neosigma_runs FINAL ${sql} ORDER BY StartedAt DESC, TraceId DESC`,
    parameters,
  )
}

/** Whether a run stands behind one place and not behind another, in the order newest first. */
const isWithin = (row: SelectedRow, from: RunPlace | null, last: Candidate | null): boolean =>
  (from === null || isBefore(placeOf(row), from)) &&
  (last === null || !isBefore(placeOf(row), placeOf(last)))

const isBefore = ([ms, id]: RunPlace, [otherMs, otherId]: RunPlace): boolean =>
  ms < otherMs || (ms === otherMs && id < otherId)

const placeOf = ({ StartedAt, TraceId }: Candidate): RunPlace => [msOfStoreTime(StartedAt), TraceId]
