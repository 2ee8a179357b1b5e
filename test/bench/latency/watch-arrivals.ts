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
  stop(): Promise<void>
}

const ASK_EVERY_MS: Readonly<Record<Arrival, number>> = { stored: 10, listed: 50, ranked: 50 }
const LOOK_BACK_SECONDS = 25

/** What `GET /v1/clusters` adds up are the members that `ranked` asks for. */
const SQL: Readonly<Record<Arrival, string>> = {
  stored: `SELECT TraceId FROM otel_traces WHERE ServiceName = '${AGENT}' AND SpanName = '${ROOT_SPAN}'
    AND Timestamp >= now64(9) - INTERVAL ${LOOK_BACK_SECONDS} SECOND`,
  listed: `SELECT TraceId FROM neosigma_runs WHERE Agent = '${AGENT}'
    AND StartedAt >= now64(3) - INTERVAL ${LOOK_BACK_SECONDS} SECOND`,
  ranked: `SELECT TraceId FROM neosigma_cluster_members FINAL WHERE Agent = '${AGENT}' AND ClusterId != ''
    AND Removed = 0 AND At >= now64(3) - INTERVAL ${LOOK_BACK_SECONDS} SECOND`,
}

/** Asks the system's own API, again and again, until it is stopped. */
export const watchArrivals = (apiUrl: string): Watch => {
  const api = apiClient(apiUrl)
  const seen = { stored: new Map(), listed: new Map(), ranked: new Map() } satisfies Seen
  let watching = true
  const watch = async (arrival: Arrival): Promise<void> => {
    while (watching) {
      for await (const { TraceId } of api.rows<{ readonly TraceId: string }>(SQL[arrival]))
        if (!seen[arrival].has(TraceId)) seen[arrival].set(TraceId, performance.now())
      await pause(ASK_EVERY_MS[arrival])
    }
  }
  // Told by `stop`: until then nobody listens.
  const watches = Promise.allSettled(ARRIVALS.map(watch))
  return {
    seen,
    stop: async () => {
      watching = false
      for (const outcome of await watches) if (outcome.status === 'rejected') throw outcome.reason
    },
  }
}
