import { InvalidInputError } from '../../schemas/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'
import type { NewRecord } from '../event-log/event-log.ts'
import { decodeLogsJson, decodeTracesJson } from '../otlp/decode.ts'
import { encodeLogs, encodeTraces } from '../otlp/encode.ts'
import type { RoleContext } from '../service-runtime/role.ts'
import type { ByteLease } from './byte-budget.ts'
import type { TraceRecord } from './cut-records.ts'
import { type Counts, type Split, splitLogs, splitTraces } from './split-by-trace.ts'

export type Signal = 'traces' | 'logs'
export type Encoding = 'protobuf' | 'json'

/** What a sender is told after everything else of the request is durable. */
export interface Receipt {
  readonly rejected: number
  /** Why, by reason; empty when nothing was rejected. */
  readonly message: string
}

/** Takes one export request; the lease holds its bytes, and those that it becomes. */
export interface ExportRequest {
  readonly signal: Signal
  readonly encoding: Encoding
  readonly body: Uint8Array
  readonly lease: Pick<ByteLease, 'take'>
}

export type Intake = (request: ExportRequest) => Promise<Receipt>

interface SignalPlace {
  readonly topic: string
  readonly metric: string
  readonly split: Readonly<Record<Encoding, (body: Uint8Array, mostBytes: number) => Split>>
}

const SIGNALS: Readonly<Record<Signal, SignalPlace>> = {
  traces: {
    topic: TOPICS.spans.name,
    metric: 'neosigma.ingest.spans',
    split: {
      protobuf: splitTraces,
      json: (body, mostBytes) => splitTraces(encodeTraces(decodeTracesJson(body)), mostBytes),
    },
  },
  logs: {
    topic: TOPICS.logs.name,
    metric: 'neosigma.ingest.logs',
    split: {
      protobuf: splitLogs,
      json: (body, mostBytes) => splitLogs(encodeLogs(decodeLogsJson(body)), mostBytes),
    },
  },
}

const total = (counts: Counts): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0)

const explain = (rejected: Counts): string =>
  [...rejected].map(([reason, count]) => `${reason}: ${count}`).join(', ')

/**
 * Takes export requests: split by trace, appended. Resolves once all that was not rejected is durable.
 * @throws InvalidInputError when the body cannot be decoded, or would become more than `mostBytes`; TransientError when
 * the log has no room or is down, or the lease has no room
 */
export const openIntake = (
  { log, metrics }: Pick<RoleContext, 'log' | 'metrics'>,
  mostBytes: number,
): Intake => {
  const countAll = (name: string, signal: Signal, counts: Counts): void => {
    for (const [reason, count] of counts) metrics.count(name, count, { signal, reason })
  }

  return async ({ signal, encoding, body, lease }) => {
    const { topic, metric, split } = SIGNALS[signal]
    const { records, diverted, rejected: unusable } = split[encoding](body, mostBytes)
    lease.take(records.reduce((sum, { value }) => sum + value.length, 0))
    const tooLarge = await appendAll(log, topic, records)
    const rejected: Counts =
      tooLarge === 0 ? unusable : new Map([...unusable, ['record-too-large', tooLarge]])
    const accepted = records.reduce((sum, record) => sum + record.items, 0) - tooLarge
    metrics.count(metric, accepted)
    countAll('neosigma.ingest.diverted', signal, diverted)
    countAll('neosigma.ingest.rejected', signal, rejected)
    return { rejected: total(rejected), message: explain(rejected) }
  }
}

/** Appends and answers how many items were too large. One giant span must not take its whole batch with it. */
const appendAll = async (
  log: RoleContext['log'],
  topic: string,
  records: readonly TraceRecord[],
): Promise<number> => {
  const toRecord = ({ key, value }: TraceRecord): NewRecord => ({ topic, key, value })
  if (records.length === 0) return 0
  try {
    await log.append(records.map(toRecord))
    return 0
  } catch (error) {
    if (!(error instanceof InvalidInputError) || error.code !== 'record-too-large') throw error
    const only = records.length === 1 ? records[0] : undefined
    if (only !== undefined) return only.items
  }
  let tooLarge = 0
  for (const record of records) tooLarge += await appendAll(log, topic, [record])
  return tooLarge
}
