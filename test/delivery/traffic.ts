import { encodeLogs, encodeTraces } from '../../pipeline/otlp/encode.ts'
import { sha256 } from '../../schemas/canonical-json.ts'
import type { Signal } from '../../schemas/signal.ts'
import { anOtlpLog, anOtlpSpan, attribute, logsWith, tracesWith } from '../support/an-otlp-span.ts'

export const LOADED_AGENT = 'under-load'

/** Everything of one run, by its number alone: whoever sends it again sends the same. */
export interface NumberedRun {
  readonly traceId: string
  readonly spanIds: readonly string[]
  readonly modelCalls: number
  readonly fails: boolean
  /** Body of its one log record. */
  readonly line: string
  readonly spans: Uint8Array
  readonly logs: Uint8Array
  readonly signal: (Pick<Signal, 'id'> & Partial<Signal>) | null
}

export interface Stream {
  readonly seed: string
  /** Of the first run; the others follow, 10 ms apart. */
  readonly startMs: number
}

const SERVICE = [attribute('service.name', LOADED_AGENT)]
const idOf = (place: number): string => place.toString(16).padStart(16, '0')

/** A quarter fails by an evaluation in the logs, one by a signal, one by an error; the rest goes well. */
export const numberedRun = ({ seed, startMs }: Stream, n: number): NumberedRun => {
  const traceId = sha256(`${seed}:${n}`).slice(0, 32)
  const kind = n % 4
  const modelCalls = 1 + (n % 3)
  const spanIds = Array.from({ length: modelCalls + 1 }, (_, place) => idOf(place + 1))
  const start = BigInt(startMs + n * 10) * 1_000_000n
  const line = `run ${n} of ${seed}`
  return {
    traceId,
    spanIds,
    modelCalls,
    fails: kind !== 3,
    line,
    spans: encodeTraces(tracesWith(spansOf({ traceId, spanIds, start, kind }), SERVICE)),
    logs: encodeLogs(logsWith([logOf({ traceId, start, line, kind })], SERVICE)),
    signal: signalOf(traceId, startMs + n * 10, kind),
  }
}

interface Parts {
  readonly traceId: string
  readonly start: bigint
  readonly kind: number
}

const spansOf = ({ traceId, spanIds, start, kind }: Parts & Pick<NumberedRun, 'spanIds'>) =>
  spanIds.map((spanId, place) =>
    anOtlpSpan({
      traceId,
      spanId,
      parentSpanId: place === 0 ? '' : idOf(1),
      startTimeUnixNano: start + BigInt(place) * 1_000_000n,
      endTimeUnixNano: start + 9_000_000n - BigInt(place) * 1_000_000n,
      name: place === 0 ? `invoke_agent ${LOADED_AGENT}` : 'chat m',
      attributes:
        place === 0
          ? [
              attribute('gen_ai.operation.name', 'invoke_agent'),
              attribute('gen_ai.agent.name', LOADED_AGENT),
            ]
          : [attribute('gen_ai.operation.name', 'chat'), attribute('gen_ai.request.model', 'm')],
      status: place === 0 && kind === 2 ? { code: 2, message: 'no such order' } : NO_STATUS,
    }),
  )

const NO_STATUS = { code: 0, message: '' }

const logOf = ({ traceId, start, line, kind }: Parts & Pick<NumberedRun, 'line'>) =>
  anOtlpLog({
    traceId,
    spanId: idOf(1),
    timeUnixNano: start + 5_000_000n,
    body: { kind: 'string', value: line },
    ...(kind === 0
      ? {
          eventName: 'gen_ai.evaluation.result',
          attributes: [
            attribute('gen_ai.evaluation.name', 'judged'),
            { key: 'gen_ai.evaluation.score.value', value: { kind: 'double', value: 0 } } as const,
          ],
        }
      : {}),
  })

const signalOf = (traceId: string, atMs: number, kind: number): NumberedRun['signal'] =>
  kind === 1 || kind === 3
    ? ({
        id: `signal-${traceId}`,
        traceId,
        name: 'said',
        type: 'explicit',
        value: kind === 3 ? 1 : 0,
        source: 'delivery',
        at: new Date(atMs).toISOString(),
      } as const)
    : null
