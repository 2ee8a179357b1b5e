import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { InvalidInputError, TransientError } from '../../schemas/errors.ts'
import { assembleGroup, mark, sendTraceToDeadLetter } from './assemble-group.ts'
import {
  type Cursor,
  type DueTrace,
  loadCursor,
  readCursor,
  readDue,
  type Share,
  saveCursor,
} from './due-traces.ts'
import { type JudgingSource, openJudging } from './open-judging.ts'
import { groupTraces, type TraceGroup } from './read-traces.ts'

const MOST_DUE = 500
const CURSOR_EVERY_MS = 10_000
/**
 * A trace that alone fails so often, and for so long, while the store answers is given up: it goes to the dead letters. A
 * store with a full disk answers too, and reads again when there is room.
 */
const MOST_ATTEMPTS = 5
const LONGEST_TROUBLE_MS = 60_000

interface Trouble {
  readonly attempts: number
  readonly sinceMs: number
}

/** The assembly of one share. A new one is made whenever the share changes. */
export interface AssemblyRounds {
  /** Assembles what is due; answers how much it got done, 0 where there is nothing to do now. @throws TransientError when the engines do not answer */
  round(isOwner: () => boolean): Promise<number>
}

export const assemblyRounds = (context: RoleContext, share: Share): AssemblyRounds => {
  const { store, clock, configuration } = context
  const attempts = new Map<string, Trouble>()
  const judging = openJudging(context)
  let cursor: Cursor | null = null
  let cursorReadAtMs = Number.NEGATIVE_INFINITY
  const moveCursor = async (from: Cursor): Promise<boolean> => {
    cursorReadAtMs = clock.nowMs()
    cursor = await readCursor(store, share, from)
    if (cursor.at > from.at) await saveCursor(store, share, cursor)
    return cursor.at > from.at
  }
  return {
    round: async (isOwner) => {
      cursor ??= await loadCursor(store, share)
      const { quietMs } = configuration.runs
      const due = await readDue(store, share, { cursor, quietMs, most: MOST_DUE })
      let finished = 0
      for (const group of await groupsOf(context, due, attempts)) {
        if (!isOwner()) break
        finished += await tryGroup(context, group, { attempts, judging })
      }
      const isStepDone = cursor.isBehind && due.length === 0
      if (!isStepDone && clock.nowMs() - cursorReadAtMs < CURSOR_EVERY_MS) return finished
      const moved = await moveCursor(cursor)
      return isStepDone && moved ? finished + 1 : finished
    },
  }
}

/** Traces that failed before come last and alone, so that they neither hold up nor take along others. */
const groupsOf = async (
  { store }: RoleContext,
  due: readonly DueTrace[],
  attempts: ReadonlyMap<string, Trouble>,
): Promise<readonly TraceGroup[]> => {
  if (due.length === 0) return []
  const failed = due.filter(({ traceId }) => attempts.has(traceId))
  const fresh = due.filter(({ traceId }) => !attempts.has(traceId))
  const groups = fresh.length === 0 ? [] : [...(await groupTraces(store, fresh))]
  for (const trace of failed) groups.push(...(await groupTraces(store, [trace])))
  return groups
}

const tryGroup = async (
  context: RoleContext,
  group: TraceGroup,
  { attempts, judging }: { attempts: Map<string, Trouble>; judging: JudgingSource },
): Promise<number> => {
  try {
    const finished = await assembleGroup(context, group, judging)
    for (const { traceId } of group.traces) attempts.delete(traceId)
    return finished
  } catch (error) {
    if (!isOfTheTraces(error)) throw error
    // Where the engine itself is away, nothing is wrong with the traces.
    await context.store.ping()
    context.metrics.count('neosigma.runs.retries', 1, { code: error.code })
    context.logger.warn({ traces: group.traces.length, err: error }, 'traces are tried again')
    const nowMs = context.clock.nowMs()
    for (const { traceId } of group.traces) {
      const before = attempts.get(traceId) ?? { attempts: 0, sinceMs: nowMs }
      attempts.set(traceId, { ...before, attempts: before.attempts + 1 })
    }
    return giveUp(context, group, { attempts, error })
  }
}

/** The store refused or broke off a statement; the log's troubles concern all traces. */
const isOfTheTraces = (error: unknown): error is InvalidInputError | TransientError =>
  error instanceof InvalidInputError ||
  (error instanceof TransientError && error.code === 'store-unavailable')

/** A trace that was tried alone, and often enough, is marked as failed. */
const giveUp = async (
  context: RoleContext,
  { traces }: TraceGroup,
  { attempts, error }: { readonly attempts: Map<string, Trouble>; readonly error: Error },
): Promise<number> => {
  const [only] = traces
  if (only === undefined || traces.length > 1) return 0
  const trouble = attempts.get(only.traceId)
  if (trouble === undefined || trouble.attempts < MOST_ATTEMPTS) return 0
  if (context.clock.nowMs() - trouble.sinceMs < LONGEST_TROUBLE_MS) return 0
  await sendTraceToDeadLetter(context, only.traceId, error)
  await mark(context, [only], new Map([[only.traceId, 'failed']]))
  attempts.delete(only.traceId)
  return 1
}
