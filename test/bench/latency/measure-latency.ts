import { loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import type { SpanSize } from '../pipeline/gen-ai-spans.ts'
import { quantile } from '../receiver/stage.ts'
import { type SentRun, sendRuns } from './agent-traffic.ts'
import { type MeasuredSystem, openSystem, type SystemName } from './systems.ts'
import { ARRIVALS, type Arrival, type Watch, watchArrivals } from './watch-arrivals.ts'

export interface LatencyCase {
  readonly system: SystemName
  readonly size: SpanSize
  readonly quietMs: number
  readonly perSecond: number
  readonly seconds: number
}

export interface Spread {
  readonly runs: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** What was not seen by the end. */
  readonly unseen: number
}

export interface LatencyRun extends LatencyCase {
  readonly acknowledged: Spread
  readonly arrivals: Readonly<Record<Arrival, Spread>>
  /** Percent of a core, by what runs: before anything was sent, under load and unwatched, and afterwards. */
  readonly idlePercent: Readonly<Record<string, number>>
  readonly loadPercent: Readonly<Record<string, number>>
  readonly idleAfterPercent: Readonly<Record<string, number>>
  /** Load average of the machine at the end of the run: about 1 or 2 where nobody else used it. */
  readonly load: number
}

const WARM_SECONDS = 10
const LOAD_SECONDS = 15
const SETTLE_MS = 10_000
const IDLE_MS = 20_000
/** The last failures are placed in a cluster, or are noise, by then. */
const ARRIVE_MS = 15_000

/** Starts the system anew, idles, warms up, and follows every run that is sent. */
export const measureLatency = async (one: LatencyCase): Promise<LatencyRun> => {
  const system = await openSystem(one.system, { NEOSIGMA_RUN_QUIET_MS: String(one.quietMs) })
  try {
    await pause(SETTLE_MS)
    const idlePercent = await percentOf(system, () => pause(IDLE_MS))
    let firstNumber = 0
    const send = async (seconds: number, watch?: Watch): Promise<readonly SentRun[]> => {
      const sent: SentRun[] = []
      const to = { httpPort: system.httpPort, seconds, firstNumber }
      firstNumber += one.perSecond * seconds
      await sendRuns({
        ...one,
        ...to,
        onSend: (traceId, fails) => watch?.await(traceId, fails),
        onSent: (run) => sent.push(run),
      })
      return sent
    }
    await send(WARM_SECONDS)
    const loadPercent = await percentOf(system, async () => void (await send(LOAD_SECONDS)))
    const watch = watchArrivals(system.apiUrl)
    const sent = await send(one.seconds, watch)
    await pause(ARRIVE_MS)
    await watch.stop()
    const idleAfterPercent = await percentOf(system, () => pause(IDLE_MS))
    const spreadOf = (arrival: Arrival): Spread => {
      const awaited = arrival === 'ranked' ? sent.filter(({ fails }) => fails) : sent
      return spread(
        awaited.map(({ traceId, sentMs }) => {
          const seenMs = watch.seen[arrival].get(traceId)
          return seenMs === undefined ? null : seenMs - sentMs
        }),
      )
    }
    return {
      ...one,
      acknowledged: spread(sent.map(({ sentMs, acknowledgedMs }) => acknowledgedMs - sentMs)),
      arrivals: Object.fromEntries(ARRIVALS.map((name) => [name, spreadOf(name)])) as Readonly<
        Record<Arrival, Spread>
      >,
      idlePercent,
      loadPercent,
      idleAfterPercent,
      load: loadavg()[0] ?? 0,
    }
  } finally {
    await system.stop()
  }
}

const spread = (latencies: readonly (number | null)[]): Spread => {
  const seen = latencies.filter((ms) => ms !== null)
  return {
    runs: latencies.length,
    p50Ms: quantile(seen, 0.5),
    p99Ms: quantile(seen, 0.99),
    unseen: latencies.length - seen.length,
  }
}

const percentOf = async (
  system: MeasuredSystem,
  meanwhile: () => Promise<void>,
): Promise<Readonly<Record<string, number>>> => {
  const before = system.cpuSeconds()
  const startedMs = performance.now()
  await meanwhile()
  const seconds = (performance.now() - startedMs) / 1000
  return Object.fromEntries(
    Object.entries(system.cpuSeconds()).map(([name, used]) => [
      name,
      (100 * (used - (before[name] ?? 0))) / seconds,
    ]),
  )
}
