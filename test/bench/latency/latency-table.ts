import { cpus } from 'node:os'
import { ROLES, type RoleName } from '../../../deploy/embedded/roles.ts'
import type { LatencyRun, Spread } from './measure-latency.ts'
import type { SystemName } from './systems.ts'
import { ASK_EVERY_MS } from './watch-arrivals.ts'

const NAMES: Readonly<Record<SystemName, string>> = {
  embedded: 'SQLite + chDB, one process (`npm start`)',
  local: 'Kafka + ClickHouse server, a process for each role (`npm run local`)',
}

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Median of the runs' quantiles, in seconds below a tenth in milliseconds. */
const timeOf = (milliseconds: readonly number[]): string => {
  const median = medianOf(milliseconds)
  return median < 1000 ? `${median.toFixed(0)} ms` : `${(median / 1000).toFixed(2)} s`
}

const spreadOf = (spreads: readonly Spread[]): string =>
  `${timeOf(spreads.map(({ p50Ms }) => p50Ms))} · ${timeOf(spreads.map(({ p99Ms }) => p99Ms))}`

const caseOf = ({ system, size, quietMs, perSecond }: LatencyRun): string =>
  [NAMES[system], size, `${quietMs} ms`, `${perSecond}/s`].join(' | ')

const latencyRow = (name: string, runs: readonly LatencyRun[]): string => {
  const unseen = runs
    .map(({ arrivals }) => [arrivals.stored, arrivals.listed, arrivals.ranked])
    .map((places) => places.map(({ unseen: count, runs: all }) => `${count} of ${all}`).join(', '))
  return `| ${[
    name,
    runs.length,
    spreadOf(runs.map(({ acknowledged }) => acknowledged)),
    spreadOf(runs.map(({ arrivals }) => arrivals.stored)),
    spreadOf(runs.map(({ arrivals }) => arrivals.listed)),
    spreadOf(runs.map(({ arrivals }) => arrivals.ranked)),
    [...new Set(unseen)].join('; '),
    runs.map(({ load }) => load.toFixed(0)).join(', '),
  ].join(' | ')} |`
}

type Percents = Readonly<Record<string, number>>

/** Medians; the roles as one sum, with each of them behind it. */
const percentsOf = (all: readonly Percents[]): string => {
  const medianOfName = (name: string): number => medianOf(all.map((one) => one[name] ?? 0))
  const names = Object.keys(all[0] ?? {})
  const roles = names.filter((name) => ROLES.includes(name as RoleName))
  const others = names.filter((name) => !roles.includes(name))
  const parts = others.map((name) => `${name} ${medianOfName(name).toFixed(1)} %`)
  if (roles.length === 0) return parts.join(', ')
  const sum = medianOf(all.map((one) => roles.reduce((total, role) => total + (one[role] ?? 0), 0)))
  const each = roles.map((role) => `${role} ${medianOfName(role).toFixed(1)}`).join(', ')
  return [`roles ${sum.toFixed(1)} % (${each})`, ...parts].join(', ')
}

const cpuRow = (name: string, runs: readonly LatencyRun[]): string =>
  `| ${[
    name,
    percentsOf(runs.map(({ idlePercent }) => idlePercent)),
    percentsOf(runs.map(({ loadPercent }) => loadPercent)),
    percentsOf(runs.map(({ idleAfterPercent }) => idleAfterPercent)),
  ].join(' | ')} |`

/** The page of results; cells are medians over the runs of a case. */
export const latencyPage = (runs: readonly LatencyRun[]): string => {
  const cases = [...Map.groupBy(runs, caseOf)]
  const [cpu] = cpus()
  return `# Latency benchmark

\`npm run bench -- latency\`; every run is a line of \`latency.jsonl\`.

${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, Node ${process.version}; engines, roles, sender and the watcher share these processors.

A run starts the system anew, warms it up for 25 s and then sends agent runs of four spans, a request each, one in five of them failing in one of
four ways. Times count from before the request and are p50 · p99, medians over the runs of a case. *Queryable*: the row of the span is in
\`otel_traces\`; *listed*: the run is in \`neosigma_runs\`; *ranked*: the failure is a member of a cluster, which is what \`GET /v1/clusters\` adds up. All
three are asked for through the API, every ${ASK_EVERY_MS.stored}, ${ASK_EVERY_MS.listed} and ${ASK_EVERY_MS.ranked} ms, so they hold half of that in the mean, and the asking is part of
the load. *quiet* is \`runs.quietMs\`; *load* is the load average of the machine at the end of each run, of two processors that others used as well.

| system | span | quiet | rate | runs | acknowledged | queryable | run listed | failure ranked | not seen 15 s after the end: stored, listed, ranked | load |
|---|---|--:|--:|--:|---|---|---|---|---|--:|
${cases.map(([name, all]) => latencyRow(name, all)).join('\n')}

CPU in percent of one core; *idle* is 20 s before anything was sent, *idle afterwards* 20 s after the last arrival; nobody asks for arrivals
in any of the three.

| system | span | quiet | rate | idle | under load | idle afterwards |
|---|---|--:|--:|---|---|---|
${cases.map(([name, all]) => cpuRow(name, all)).join('\n')}
`
}
