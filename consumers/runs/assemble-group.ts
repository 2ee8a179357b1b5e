import { sendToDeadLetter } from '../../pipeline/event-log/decode-batch.ts'
import type { NewRecord } from '../../pipeline/event-log/event-log.ts'
import { partitionOfKey } from '../../pipeline/event-log/murmur2.ts'
import { recordBytes } from '../../pipeline/event-log/record-size.ts'
import { isoOf } from '../../pipeline/service-runtime/clock.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import type { AgentRun } from '../../schemas/agent-run.ts'
import { sha256 } from '../../schemas/canonical-json.ts'
import { encodeEvent } from '../../schemas/cloud-event.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import type { SignalRow } from '../../schemas/tables.ts'
import { TOPICS } from '../../schemas/topics.ts'
import {
  type AssembledRun,
  assembleJudged,
  type NoRun,
  type OpenRun,
  openRuns,
  type StoredTrace,
  traceOf,
} from './assemble-run.ts'
import type { DueTrace } from './due-traces.ts'
import { forwardedSignals } from './forwarded-signals.ts'
import { agreementRows, heardRun, type JudgingSource, openJudging } from './open-judging.ts'
import { readSignals, type StoredSignals, signalsOf } from './read-signals.ts'
import { readGroup, type TraceGroup } from './read-traces.ts'
import { runRow } from './run-row.ts'
import { makeDue, storeSignals } from './store-signals.ts'
import { tracesOfParts } from './traces-of-parts.ts'

const APPEND_BYTES = 8 * 1024 * 1024
const LONGEST_TURN_MS = 20

type Result = 'run' | 'failed' | NoRun

interface Assembled extends AssembledRun {
  readonly record: NewRecord
}

/**
 * Assembles the traces of a group: runs whose revision is new are stored, then published, then every trace is marked as
 * assembled. Whoever hears of a run finds it in the store. A crash before the mark repeats the assembly: what is stored
 * but not marked is published again, with the same id. Answers how many traces were marked.
 */
export const assembleGroup = async (
  context: RoleContext,
  group: TraceGroup,
  judging: JudgingSource = openJudging(context),
): Promise<number> => {
  const { store, log, metrics, clock } = context
  const results = new Map<string, Result>()
  const open = await openAll(context, await readGroup(store, group), results)
  const sessions = [...new Set(open.flatMap(({ identity }) => identity.sessionId ?? []))]
  const signals = await readSignals(
    store,
    [...new Set(open.flatMap((run) => [run.traceId, traceOf(run)]))],
    sessions,
  )
  const heard = await eachOrDeadLetter(context, open, results, (one) => ({
    traceId: one.traceId,
    open: one,
    ...heardRun(one, signalsAbout(signals, one)),
  }))
  const rules = await judging.rulesFor(heard)
  const assembled = await eachOrDeadLetter(context, heard, results, (one): Assembled => {
    const judged = assembleJudged(one.open, one.judgements, rules)
    return { ...judged, record: recordOf(judged.run, isoOf(clock.nowMs())) }
  })
  const through = new Map(group.traces.map((trace) => [trace.traceId, trace.through]))
  const { changed, unpublished } = await compareWithStored(context, assembled, group)
  await store.insert(
    'neosigma_agreements',
    changed.flatMap((one) => agreementRows(one, through.get(traceOf(one.run)) ?? '')),
  )
  await store.insert(
    'neosigma_runs',
    changed.map(({ run }) => runRow(run, through.get(traceOf(run)) ?? '')),
  )
  for (const records of inChunks(unpublished.map(({ record }) => record))) await log.append(records)
  for (const { run } of assembled) results.set(traceOf(run), 'run')
  await makeDue(store, [
    ...(await missedBySignals(context, { open, signals, sessions })),
    ...(await tracesOfParts(store, withoutSpans(group, results))),
  ])
  await mark(context, group.traces, results)
  count(metrics, { unpublished, unchanged: assembled.length - changed.length, results })
  return group.traces.length
}

/** Reads every trace; forwards judgements that are about other traces; notes why a trace is no run. */
const openAll = async (
  context: RoleContext,
  traces: readonly StoredTrace[],
  results: Map<string, Result>,
): Promise<readonly OpenRun[]> => {
  const read = await eachOrDeadLetter(context, traces, results, (trace) => ({
    trace,
    opened: openRuns(trace, context.configuration.runs.taskTypes),
    forwarded: forwardedSignals(trace),
  }))
  const forwarded = read.flatMap((one) => one.forwarded)
  if (forwarded.length > 0) await storeSignals(context, forwarded)
  return read.flatMap(({ trace, opened }) => {
    if (typeof opened !== 'string') return opened
    results.set(trace.traceId, opened)
    return []
  })
}

/**
 * A trace on which the work fails is dead-lettered with the reason and does not keep the others. Other roles of the
 * process get their turn in between.
 */
const eachOrDeadLetter = async <Input extends { readonly traceId: string }, Output>(
  context: RoleContext,
  inputs: readonly Input[],
  results: Map<string, Result>,
  work: (input: Input) => Output,
): Promise<readonly Output[]> => {
  const outputs: Output[] = []
  let turnMs = context.clock.nowMs()
  for (const input of inputs) {
    try {
      outputs.push(work(input))
    } catch (error) {
      results.set(input.traceId, 'failed')
      await sendTraceToDeadLetter(context, input.traceId, error)
    }
    if (context.clock.nowMs() - turnMs < LONGEST_TURN_MS) continue
    await context.clock.sleep(0)
    turnMs = context.clock.nowMs()
  }
  return outputs
}

/** The record names the trace; its bytes are in the trace store. */
export const sendTraceToDeadLetter = async (
  context: RoleContext,
  traceId: string,
  error: unknown,
): Promise<void> => {
  const reason = error instanceof Error ? error.message : String(error)
  const letter =
    error instanceof InvalidInputError
      ? error
      : new InvalidInputError('event-invalid', `The trace cannot be assembled: ${reason}`)
  await sendToDeadLetter(
    context,
    'runs',
    {
      topic: TOPICS.spans.name,
      partition: partitionOfKey(traceId, TOPICS.spans.partitions),
      // Dead letters are told apart by place; a trace has none in the log.
      offset: BigInt(`0x${sha256(traceId).slice(0, 15)}`),
      key: traceId,
      value: new Uint8Array(),
      headers: {},
      timestampMs: context.clock.nowMs(),
    },
    letter,
  )
  context.logger.error({ traceId, err: error }, 'a trace cannot be assembled')
}

/**
 * Those of the run, of its trace and of its session. One about a span of another run of the trace is not about this one,
 * one about the trace as a whole is about all its runs.
 */
const signalsAbout = (signals: StoredSignals, run: OpenRun): readonly SignalRow[] =>
  [
    ...signalsOf(signals, run),
    ...(run.partOf === null ? [] : (signals.ofTrace.get(run.partOf) ?? [])),
  ].filter(({ SpanId }) => !run.elsewhere.has(SpanId))

const withoutSpans = (
  { traces }: TraceGroup,
  results: ReadonlyMap<string, Result>,
): readonly string[] =>
  traces.flatMap(({ traceId }) => (results.get(traceId) === 'no-spans' ? [traceId] : []))

const recordOf = (run: AgentRun, time: string): NewRecord =>
  encodeEvent(TOPICS.runs, run, {
    id: run.revision,
    source: '/neosigma/runs',
    time,
    key: run.traceId,
  })

interface StoredRevision {
  readonly TraceId: string
  readonly Revision: string
  readonly AssembledThrough: string
}

/** Which runs the store does not hold so, and which of all were perhaps never published. */
const compareWithStored = async (
  { store }: RoleContext,
  assembled: readonly Assembled[],
  { traces }: TraceGroup,
): Promise<{
  readonly changed: readonly Assembled[]
  readonly unpublished: readonly Assembled[]
}> => {
  const rows =
    assembled.length === 0
      ? []
      : await store.query<StoredRevision>(
          `SELECT TraceId, Revision, toString(AssembledThrough) AS AssembledThrough
FROM neosigma_runs FINAL WHERE TraceId IN {ids: Array(String)}`,
          { ids: assembled.map(({ run }) => run.traceId) },
        )
  const stored = new Map(rows.map((row) => [row.TraceId, row]))
  const settled = new Map(traces.map((trace) => [trace.traceId, trace.settled]))
  const changed = assembled.filter(({ run }) => stored.get(run.traceId)?.Revision !== run.revision)
  const isUnsettled = ({ run }: Assembled): boolean =>
    (stored.get(run.traceId)?.AssembledThrough ?? '') > (settled.get(traceOf(run)) ?? '')
  const isChanged = new Set(changed)
  return {
    changed,
    unpublished: assembled.filter((one) => isChanged.has(one) || isUnsettled(one)),
  }
}

const inChunks = function* (records: readonly NewRecord[]): Generator<readonly NewRecord[]> {
  let chunk: NewRecord[] = []
  let bytes = 0
  for (const record of records) {
    const size = recordBytes(record)
    if (chunk.length > 0 && bytes + size > APPEND_BYTES) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(record)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}

interface Judged {
  readonly open: readonly OpenRun[]
  readonly signals: StoredSignals
  readonly sessions: readonly string[]
}

/**
 * A signal about a session looks for the session's runs when it is stored; it did not find one that was stored later. So
 * here the runs look for signals once more: who comes second sees the other.
 */
const missedBySignals = async (
  { store }: RoleContext,
  { open, signals, sessions }: Judged,
): Promise<readonly string[]> => {
  if (sessions.length === 0) return []
  const now = await readSignals(store, [], sessions)
  const ids = ({ ofSession }: StoredSignals, sessionId: string): string =>
    JSON.stringify((ofSession.get(sessionId) ?? []).map(({ Id }) => Id).sort())
  return open.flatMap((run) => {
    const { sessionId } = run.identity
    return sessionId !== null && ids(now, sessionId) !== ids(signals, sessionId)
      ? [traceOf(run)]
      : []
  })
}

/** Notes what became of traces, so that they are not due again before something new arrives. */
export const mark = (
  { store }: RoleContext,
  traces: readonly DueTrace[],
  results: ReadonlyMap<string, Result>,
): Promise<void> =>
  store.insert(
    'neosigma_assemblies',
    traces.map(({ traceId, through, seen }) => ({
      TraceId: traceId,
      Through: through,
      Seen: Number(seen),
      Result: results.get(traceId) ?? 'no-spans',
    })),
  )

interface Counted {
  readonly unpublished: readonly Assembled[]
  readonly unchanged: number
  readonly results: ReadonlyMap<string, Result>
}

const count = (
  metrics: RoleContext['metrics'],
  { unpublished, unchanged, results }: Counted,
): void => {
  for (const { run } of unpublished)
    metrics.count('neosigma.runs.published', 1, { outcome: run.outcome })
  const truncated = unpublished.filter(({ run }) => run.truncated).length
  if (truncated > 0) metrics.count('neosigma.runs.truncated', truncated)
  metrics.count('neosigma.runs.unchanged', unchanged)
  for (const reason of results.values())
    if (reason !== 'run') metrics.count('neosigma.runs.skipped', 1, { reason })
}
