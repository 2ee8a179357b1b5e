import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { apiClient } from '../../deploy/cli/api-client.ts'
import { encodeTraces } from '../../pipeline/otlp/encode.ts'
import type { Span } from '../../pipeline/otlp/otlp-types.ts'
import { sha256 } from '../../schemas/canonical-json.ts'
import { anOtlpSpan, attribute, tracesWith } from '../support/an-otlp-span.ts'
import { openKafkaEngine } from './kafka-engine.ts'
import type { KilledRole } from './kill-points.ts'

export interface HeavyOptions {
  readonly folder: string
  /** Traces of two spans, all at once. */
  readonly traces: number
  /** Spans of the one wide trace. */
  readonly wide: number
  /** Spans of one MiB. */
  readonly huge: number
  readonly say: (text: string) => void
}

/** Memory of a role in MiB: its peak in each third of the time under load. */
export interface RoleMemory {
  readonly role: string
  readonly peaks: readonly [number, number, number]
}

export interface HeavyResult {
  readonly options: HeavyOptions
  readonly seconds: number
  readonly runs: number
  readonly spans: number
  readonly memory: readonly RoleMemory[]
}

const WATCHED: readonly KilledRole[] = ['receiver', 'writer', 'runs', 'miner']
const PER_REQUEST = 200
const SENDERS = 4
const SAMPLE_MS = 500
const LONGEST_MS = 1_500_000

/** Sends everything as fast as it is taken, and watches the memory of each role until all runs are there. */
export const heavyTraffic = async (options: HeavyOptions): Promise<HeavyResult> => {
  const { folder, say, traces } = options
  const engine = await openKafkaEngine({ folder, agents: [], withDisk: false, say })
  const startedMs = performance.now()
  try {
    await engine.settle()
    const samples = new Map<string, number[]>(WATCHED.map((role) => [role, []]))
    const watching = setInterval(() => {
      for (const role of WATCHED) samples.get(role)?.push(residentMegabytes(engine.pidOf(role)))
    }, SAMPLE_MS)
    await sendAll(options, engine.doors.otlp)
    say(`everything sent after ${Math.round((performance.now() - startedMs) / 1000)} s`)
    const expected = traces + (options.wide > 0 ? 1 : 0) + (options.huge > 0 ? 1 : 0)
    const counts = await untilRuns(engine.doors.api, expected, say)
    clearInterval(watching)
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    return { options, seconds, ...counts, memory: [...samples].map(memoryOf) }
  } finally {
    await engine.close(false)
  }
}

/** Flat: the last third of the time needs hardly more than the one before. */
export const isFlat = ({ peaks: [, middle, last] }: RoleMemory): boolean =>
  last <= middle * 1.25 + 30

const memoryOf = ([role, values]: readonly [string, readonly number[]]): RoleMemory => {
  const third = Math.ceil(values.length / 3)
  const peak = (place: number): number =>
    Math.max(0, ...values.slice(place * third, (place + 1) * third))
  return { role, peaks: [peak(0), peak(1), peak(2)] }
}

const residentMegabytes = (pid: number): number => {
  const file = `/proc/${pid}/statm`
  if (!existsSync(file)) return 0
  const pages = Number(readFileSync(file, 'utf8').split(' ')[1])
  return Math.round((pages * 4096) / 1024 / 1024)
}

const spanId = (n: number): string => n.toString(16).padStart(16, '0')

const spansOfTrace = (name: string, children: number, content: string): readonly Span[] => {
  const traceId = sha256(name).slice(0, 32)
  const times = {
    startTimeUnixNano: BigInt(Date.now()) * 1_000_000n,
    endTimeUnixNano: BigInt(Date.now() + 5) * 1_000_000n,
  }
  const agent = [
    attribute('gen_ai.operation.name', 'invoke_agent'),
    attribute('gen_ai.agent.name', 'heavy'),
  ]
  const tool = [
    attribute('gen_ai.operation.name', 'execute_tool'),
    attribute('gen_ai.tool.name', 'lookup'),
    attribute('gen_ai.tool.call.result', content),
  ]
  const root = { ...times, traceId, spanId: spanId(1), name: 'invoke_agent heavy' }
  return [
    anOtlpSpan({ ...root, attributes: agent }),
    ...Array.from({ length: children }, (_, n) =>
      anOtlpSpan({
        ...times,
        traceId,
        spanId: spanId(n + 2),
        parentSpanId: spanId(1),
        name: 'execute_tool lookup',
        attributes: tool,
      }),
    ),
  ]
}

/** Requests of the wide and the huge trace, then of all the others. */
function* requests({ traces, wide, huge }: HeavyOptions): Generator<readonly Span[]> {
  const MEGABYTE = 'x'.repeat(1024 * 1024)
  const [root, ...children] = spansOfTrace('wide', wide, 'a result')
  if (wide > 0 && root !== undefined) yield [root]
  for (let at = 0; at < children.length; at += 1000) yield children.slice(at, at + 1000)
  if (huge > 0) for (const span of spansOfTrace('huge', huge, MEGABYTE)) yield [span]
  for (let at = 0; at < traces; at += PER_REQUEST)
    yield Array.from({ length: Math.min(PER_REQUEST, traces - at) }, (_, n) =>
      spansOfTrace(`heavy ${at + n}`, 1, 'a result'),
    ).flat()
}

const sendAll = async (options: HeavyOptions, otlp: string): Promise<void> => {
  const open = requests(options)
  const sender = async (): Promise<void> => {
    for (const spans of open) {
      const body = Buffer.from(encodeTraces(tracesWith(spans)))
      while (!(await isTaken(`${otlp}/v1/traces`, body))) await pause(200)
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, sender))
}

const isTaken = async (url: string, body: Buffer): Promise<boolean> => {
  const headers = { 'content-type': 'application/x-protobuf' }
  const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) }).catch(
    () => null,
  )
  await answer?.arrayBuffer()
  return answer?.ok === true
}

const untilRuns = async (
  api: string,
  expected: number,
  say: (text: string) => void,
): Promise<{ readonly runs: number; readonly spans: number }> => {
  const untilMs = performance.now() + LONGEST_MS
  for (;;) {
    const sql = `SELECT toUInt32(count()) AS runs, toUInt32(sum(ToolCalls) + count()) AS spans FROM neosigma_runs FINAL`
    for await (const row of apiClient(api).rows<{ runs: number; spans: number }>(sql)) {
      say(`${row.runs} of ${expected} runs`)
      if (row.runs >= expected || performance.now() > untilMs) return row
    }
    await pause(5000)
  }
}
