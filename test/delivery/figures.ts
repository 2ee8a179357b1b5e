import { apiClient } from '../../deploy/cli/api-client.ts'
import type { EventLog } from '../../pipeline/event-log/event-log.ts'
import type { AgentRun } from '../../schemas/agent-run.ts'
import { decodeEvent } from '../../schemas/cloud-event.ts'
import { TOPICS } from '../../schemas/topics.ts'
import {
  readCycleEvents,
  readDeadLetters,
  readDecisions,
  readEvaluations,
} from '../support/controller-topics.ts'
import type { Ledger } from './ledger.ts'
import { LOADED_AGENT, type NumberedRun, numberedRun, type Stream } from './traffic.ts'

/** One line of the table: what was sent, what is stored of it, and what the loop counted. */
export interface Figure {
  readonly what: string
  readonly sent: number
  readonly stored: number
  readonly counted: number
  readonly missing: number
  readonly twice: number
}

export const isEqual = ({ sent, stored, counted, missing, twice }: Figure): boolean =>
  sent === stored && stored === counted && missing === 0 && twice === 0

export const figureOf = (
  what: string,
  sent: ReadonlySet<string>,
  stored: ReadonlyMap<string, number>,
  counted: number,
): Figure => ({
  what,
  sent: sent.size,
  stored: [...stored.values()].reduce((sum, n) => sum + n, 0),
  counted,
  missing: [...sent].filter((id) => !stored.has(id)).length,
  twice: [...stored].filter(([id, n]) => n > 1 || !sent.has(id)).length,
})

export interface Sources {
  readonly api: string
  readonly log: EventLog
  readonly ledger: Ledger
  readonly stream: Stream
}

/** Everything that was sent against everything that is there. */
export const readFigures = async (sources: Sources): Promise<readonly Figure[]> => {
  const { ledger, stream, log, api } = sources
  const { numbers, unsure } = ledger.all()
  const runs = numbers.map((n) => numberedRun(stream, n))
  return [
    ...(await telemetryFigures(api, runs, unsure)),
    ...(await miningFigures(api, log, runs)),
    ...(await controlFigures(api, log)),
  ]
}

const idsOf = async (api: string, sql: string): Promise<ReadonlyMap<string, number>> => {
  const found = new Map<string, number>()
  type Row = { readonly id: string; readonly n: number }
  for await (const { id, n } of apiClient(api).rows<Row>(sql)) found.set(id, n)
  return found
}

const numberOf = async (api: string, expression: string, from: string): Promise<number> => {
  for await (const { n } of apiClient(api).rows<{ readonly n: number }>(
    `SELECT toUInt32(${expression}) AS n FROM ${from}`,
  ))
    return n
  return 0
}

const grouped = (id: string, from: string): string =>
  `SELECT ${id} AS id, toUInt32(count()) AS n FROM ${from} GROUP BY id`

const telemetryFigures = async (
  api: string,
  runs: readonly NumberedRun[],
  unsure: number,
): Promise<readonly Figure[]> => {
  const spans = new Set(runs.flatMap(({ traceId, spanIds }) => spanIds.map((id) => traceId + id)))
  const lines = new Set(runs.map(({ line }) => line))
  const storedLines = await idsOf(api, grouped('Body', 'otel_logs FINAL'))
  // A line whose acknowledgement was lost was sent again by its producer: no receiver can know it for the same.
  const extra = [...storedLines.values()].reduce((sum, n) => sum + n - 1, 0)
  const once = new Map([...storedLines.keys()].map((id) => [id, 1]))
  const signals = new Set(runs.flatMap(({ signal }) => (signal === null ? [] : [signal.id])))
  return [
    figureOf(
      'spans',
      spans,
      await idsOf(api, grouped('concat(TraceId, SpanId)', 'otel_traces FINAL')),
      await numberOf(api, 'sum(ModelCalls) + count()', 'neosigma_runs FINAL'),
    ),
    { ...figureOf('log lines', lines, once, once.size), twice: Math.max(0, extra - unsure) },
    figureOf(
      'signals',
      signals,
      await idsOf(api, grouped('Id', 'neosigma_signals FINAL')),
      await numberOf(
        api,
        `sum(arrayCount(score -> JSONExtractString(score, 'name') = 'said', JSONExtractArrayRaw(Body, 'scores')))`,
        'neosigma_runs FINAL',
      ),
    ),
  ]
}

const miningFigures = async (
  api: string,
  log: EventLog,
  runs: readonly NumberedRun[],
): Promise<readonly Figure[]> => {
  const traces = new Set(runs.map(({ traceId }) => traceId))
  const failed = new Set(runs.filter(({ fails }) => fails).map(({ traceId }) => traceId))
  const stored = new Map<string, string>()
  for await (const { id, revision } of apiClient(api).rows<Revision>(
    'SELECT TraceId AS id, Revision AS revision FROM neosigma_runs FINAL',
  ))
    stored.set(id, revision)
  const published = await lastPublished(log)
  const told = [...stored].flatMap(([id, revision]) => {
    const run = published.get(id)
    return run?.revision === revision ? [run] : []
  })
  return [
    figureOf(
      'runs',
      traces,
      await idsOf(api, grouped('TraceId', 'neosigma_runs FINAL')),
      told.length,
    ),
    figureOf(
      'failed runs',
      failed,
      await idsOf(api, grouped('TraceId', `neosigma_runs FINAL WHERE Outcome = 'fail'`)),
      told.filter(({ outcome }) => outcome === 'fail').length,
    ),
    figureOf(
      'cluster members',
      failed,
      await idsOf(api, grouped('TraceId', 'neosigma_cluster_members FINAL WHERE Removed = 0')),
      await rankedFailures(log),
    ),
  ]
}

interface Revision {
  readonly id: string
  readonly revision: string
}

type PublishedRun = Pick<AgentRun, 'revision' | 'outcome'>

const lastPublished = async (log: EventLog): Promise<ReadonlyMap<string, PublishedRun>> => {
  const last = new Map<string, PublishedRun>()
  for await (const record of log.readAll(TOPICS.runs.name)) {
    const { traceId, revision, outcome } = decodeEvent(TOPICS.runs, record)
    last.set(traceId, { revision, outcome })
  }
  return last
}

const rankedFailures = async (log: EventLog): Promise<number> => {
  let failures = 0
  for await (const record of log.readAll(TOPICS.rankedClusters.name))
    if (record.key === LOADED_AGENT)
      failures = decodeEvent(TOPICS.rankedClusters, record).failuresInWindow
  return failures
}

const countsOf = (ids: readonly string[]): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(ids, (id) => id)].map(([id, group]) => [id, group.length]))

const controlFigures = async (api: string, log: EventLog): Promise<readonly Figure[]> => {
  const made = (await readCycleEvents(log)).flatMap((event) =>
    event.type === 'decision-made' ? [event.decision.id] : [],
  )
  const decisions = (await readDecisions(log)).map(({ id }) => id)
  const evaluations = (await readEvaluations(log)).map(({ id }) => id)
  const letters = (await readDeadLetters(log)).map(({ id }) => id)
  return [
    figureOf(
      'decisions',
      new Set(made),
      countsOf(decisions),
      await numberOf(api, 'count()', 'neosigma_decisions FINAL'),
    ),
    figureOf(
      'evaluations',
      new Set(evaluations),
      countsOf(evaluations),
      await numberOf(api, 'count()', 'neosigma_evaluations FINAL'),
    ),
    figureOf('dead letters', new Set(), countsOf(letters), letters.length),
  ]
}
