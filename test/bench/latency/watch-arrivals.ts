import { setTimeout as pause } from 'node:timers/promises'
import { apiClient } from '../../../deploy/cli/api-client.ts'
import { AGENT, ROOT_SPAN } from './agent-traffic.ts'

/** Where a run becomes visible: its span as a row, the run in the listing, the failure in a ranked cluster. */
export const ARRIVALS = ['stored', 'listed', 'ranked'] as const
export type Arrival = (typeof ARRIVALS)[number]

/** When each run was first seen, on the clock of `performance.now()`. */
export type Seen = Readonly<Record<Arrival, ReadonlyMap<string, number>>>

export interface Watch {
  readonly seen: Seen
  /** Looks out for a run that is being sent. */
  await(traceId: string, fails: boolean): void
  stop(): Promise<void>
}

export const ASK_EVERY_MS: Readonly<Record<Arrival, number>> = {
  stored: 50,
  listed: 200,
  ranked: 200,
}
/** Runs last 0.1 s; clocks of both sides are the same. */
const SLACK_MS = 1000
/** What is not there by then is not looked for any more: every question reads back to the oldest run that is missing. */
const LOOK_BACK_MS = 30_000

/** What `GET /v1/clusters` adds up are the members that `ranked` asks for. */
const SQL: Readonly<Record<Arrival, (since: string) => string>> = {
  stored: (since) => `SELECT TraceId FROM otel_traces WHERE ServiceName = '${AGENT}'
    AND SpanName = '${ROOT_SPAN}' AND Timestamp >= ${since}`,
  listed: (since) => `SELECT TraceId FROM neosigma_runs WHERE Agent = '${AGENT}'
    AND StartedAt >= ${since}`,
  ranked: (since) => `SELECT TraceId FROM neosigma_cluster_members FINAL WHERE Agent = '${AGENT}'
    AND ClusterId != '' AND Removed = 0 AND At >= ${since}`,
}

/** Asks the system's own API, again and again, for the runs that are still missing. */
export const watchArrivals = (apiUrl: string): Watch => {
  const api = apiClient(apiUrl)
  const seen = { stored: new Map(), listed: new Map(), ranked: new Map() } satisfies Seen
  /** Trace ids with when they were sent, in this order. */
  const missing: Readonly<Record<Arrival, Map<string, number>>> = {
    stored: new Map(),
    listed: new Map(),
    ranked: new Map(),
  }
  const ask = async (arrival: Arrival): Promise<void> => {
    const ofArrival = missing[arrival]
    for (const [traceId, sentMs] of ofArrival) {
      if (sentMs > Date.now() - LOOK_BACK_MS) break
      ofArrival.delete(traceId)
    }
    const [oldestMs] = ofArrival.values()
    if (oldestMs === undefined) return
    const since = `fromUnixTimestamp64Milli(toInt64(${oldestMs - SLACK_MS}))`
    for await (const { TraceId } of api.rows<{ readonly TraceId: string }>(SQL[arrival](since)))
      if (ofArrival.delete(TraceId)) seen[arrival].set(TraceId, performance.now())
  }
  let watching = true
  const watch = async (arrival: Arrival): Promise<void> => {
    while (watching) {
      await ask(arrival)
      await pause(ASK_EVERY_MS[arrival])
    }
  }
  // Told by `stop`: until then nobody listens.
  const watches = Promise.allSettled(ARRIVALS.map(watch))
  return {
    seen,
    await: (traceId, fails) => {
      for (const arrival of ARRIVALS)
        if (fails || arrival !== 'ranked') missing[arrival].set(traceId, Date.now())
    },
    stop: async () => {
      watching = false
      for (const outcome of await watches) if (outcome.status === 'rejected') throw outcome.reason
    },
  }
}
