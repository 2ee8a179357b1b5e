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
import { TOPICS } from '../../schemas/topics.ts'
import { assembleRun, type NoRun, type OpenRun, openRun, type StoredTrace } from './assemble-run.ts'
import type { DueTrace } from './due-traces.ts'
import { forwardedSignals } from './forwarded-signals.ts'
import { readSignals, type StoredSignals, signalsOf } from './read-signals.ts'
import { readGroup, type TraceGroup } from './read-traces.ts'
import { runRow } from './run-row.ts'
import { storeSignals } from './store-signals.ts'

const APPEND_BYTES = 8 * 1024 * 1024

type Result = 'run' | 'failed' | NoRun

interface Assembled {
  readonly run: AgentRun
  readonly record: NewRecord
}

/**
 * Assembles the traces of a group: the runs whose revision is new are published, then stored, then every trace is marked
 * as assembled. The stored revision is thus one that was published: a crash before the store repeats the event with the
 * same id, a crash before the mark finds the revision unchanged. Answers how many traces were marked.
 */
export const assembleGroup = async (context: RoleContext, group: TraceGroup): Promise<number> => {
  const { store, log, metrics, clock } = context
  const traces = await readGroup(store, group)
  const results = new Map<string, Result>()
  const open = await openAll(context, traces, results)
  const ids = open.map(({ traceId }) => traceId)
  const sessions = [...new Set(open.flatMap(({ identity }) => identity.sessionId ?? []))]
  const signals = await readSignals(store, ids, sessions)
  const assembled = await eachOrDeadLetter(context, open, results, (one): Assembled => {
    const run = assembleRun(one, signalsOf(signals, one), context.configuration.runs)
    return { run, record: recordOf(run, isoOf(clock.nowMs())) }
  })
  const changed = await withNewRevision(context, assembled)
  for (const records of inChunks(changed.map(({ record }) => record))) await log.append(records)
  const through = new Map(group.traces.map((trace) => [trace.traceId, trace.through]))
  await store.insert(
    'neosigma_runs',
    changed.map(({ run }) => runRow(run, through.get(run.traceId) ?? '')),
  )
  for (const { run } of assembled) results.set(run.traceId, 'run')
  const settled = await withoutMissedSignals(context, { group, open, signals, sessions })
  await mark(context, settled, results)
  count(metrics, { assembled, changed, results })
  return settled.length
}

/** Reads every trace; forwards judgements that are about other traces; notes why a trace is no run. */
const openAll = async (
  context: RoleContext,
  traces: readonly StoredTrace[],
  results: Map<string, Result>,
): Promise<readonly OpenRun[]> => {
  const read = await eachOrDeadLetter(context, traces, results, (trace) => ({
    trace,
    opened: openRun(trace),
    forwarded: forwardedSignals(trace),
  }))
  const forwarded = read.flatMap((one) => one.forwarded)
  if (forwarded.length > 0) await storeSignals(context.store, forwarded)
  return read.flatMap(({ trace, opened }) => {
    if (typeof opened !== 'string') return [opened]
    results.set(trace.traceId, opened)
    return []
  })
}

/** A trace on which the work fails is dead-lettered with the reason and does not keep the others. */
const eachOrDeadLetter = async <Input extends { readonly traceId: string }, Output>(
  context: RoleContext,
  inputs: readonly Input[],
  results: Map<string, Result>,
  work: (input: Input) => Output,
): Promise<readonly Output[]> => {
  const outputs: Output[] = []
  for (const input of inputs)
    try {
      outputs.push(work(input))
    } catch (error) {
      results.set(input.traceId, 'failed')
      await sendTraceToDeadLetter(context, input.traceId, error)
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

const recordOf = (run: AgentRun, time: string): NewRecord =>
  encodeEvent(TOPICS.runs, run, {
    id: run.revision,
    source: '/neosigma/runs',
    time,
    key: run.traceId,
  })

const withNewRevision = async (
  { store }: RoleContext,
  assembled: readonly Assembled[],
): Promise<readonly Assembled[]> => {
  if (assembled.length === 0) return []
  const rows = await store.query<{ readonly TraceId: string; readonly Revision: string }>(
    'SELECT TraceId, Revision FROM neosigma_runs FINAL WHERE TraceId IN {ids: Array(String)}',
    { ids: assembled.map(({ run }) => run.traceId) },
  )
  const known = new Map(rows.map(({ TraceId, Revision }) => [TraceId, Revision]))
  return assembled.filter(({ run }) => known.get(run.traceId) !== run.revision)
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

interface Outcome {
  readonly group: TraceGroup
  readonly open: readonly OpenRun[]
  readonly signals: StoredSignals
  readonly sessions: readonly string[]
}

/**
 * The traces that may be marked. A signal about a session looks for the session's runs when it is stored; it did not find
 * one that was stored later, so here the run looks for the signal once more: who comes second sees the other.
 */
const withoutMissedSignals = async (
  { store }: RoleContext,
  { group, open, signals, sessions }: Outcome,
): Promise<readonly DueTrace[]> => {
  if (sessions.length === 0) return group.traces
  const now = await readSignals(store, [], sessions)
  const missed = new Set(
    open
      .filter(({ identity: { sessionId } }) => {
        if (sessionId === null) return false
        const ids = (map: StoredSignals): string =>
          JSON.stringify((map.ofSession.get(sessionId) ?? []).map(({ Id }) => Id).sort())
        return ids(now) !== ids(signals)
      })
      .map(({ traceId }) => traceId),
  )
  return group.traces.filter(({ traceId }) => !missed.has(traceId))
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

const count = (
  metrics: RoleContext['metrics'],
  {
    assembled,
    changed,
    results,
  }: {
    readonly assembled: readonly Assembled[]
    readonly changed: readonly Assembled[]
    readonly results: ReadonlyMap<string, Result>
  },
): void => {
  for (const { run } of changed)
    metrics.count('neosigma.runs.published', 1, { outcome: run.outcome })
  metrics.count('neosigma.runs.unchanged', assembled.length - changed.length)
  for (const reason of results.values())
    if (reason !== 'run') metrics.count('neosigma.runs.skipped', 1, { reason })
}
