import type { ApiClient } from '../api-client.ts'
import { type Check, fail, ok, warn } from './check.ts'

const CLOCK_TOLERANCE_MS = 5000
const LAG_TOLERANCE = 10_000

/** What the API can be asked about: store, clocks, log and consumers. */
export const checkSystem = async (
  api: ApiClient,
  nowMs: () => number,
): Promise<readonly Check[]> => [
  await checkReadiness(api),
  ...(await checkStore(api, nowMs)),
  await checkLog(api),
]

const checkReadiness = async (api: ApiClient): Promise<Check> => {
  const response = await fetch(`${api.url}/readyz`)
  const { reasons = [] } = (await response.json()) as { readonly reasons?: readonly string[] }
  return response.ok
    ? ok('readiness', 'ready')
    : warn('readiness', reasons.join('; '), 'Wait; if it stays so, read the log of the process.')
}

const checkStore = async (api: ApiClient, nowMs: () => number): Promise<readonly Check[]> => {
  const sql = `SELECT toString(toUnixTimestamp64Milli(now64(3))) AS now, version() AS version,
    (SELECT toUInt32(count()) FROM neosigma_runs FINAL) AS runs`
  type Row = { readonly now: string; readonly version: string; readonly runs: number }
  try {
    for await (const { now, version, runs } of api.rows<Row>(sql)) {
      const apart = Math.abs(nowMs() - Number(now))
      return [
        ok('trace store', `ClickHouse ${version}, ${runs} runs`),
        apart < CLOCK_TOLERANCE_MS
          ? ok('clocks', `store and this machine ${apart} ms apart`)
          : warn(
              'clocks',
              `store and this machine ${apart} ms apart`,
              'Synchronise the clocks (NTP): runs close by the clock of the store.',
            ),
      ]
    }
    return [fail('trace store', 'no answer', STORE_ADVICE)]
  } catch (error) {
    return [fail('trace store', messageOf(error), STORE_ADVICE)]
  }
}

const STORE_ADVICE = 'Check CLICKHOUSE_URL and its server, or the data folder.'

interface Lag {
  readonly role: string
  readonly committed: string | null
  readonly end: string
}

/** Every topic that a role reads has partitions, and the role is not far behind. */
const checkLog = async (api: ApiClient): Promise<Check> => {
  try {
    const { items } = await api.get<{ readonly items: readonly Lag[] }>('/v1/lag')
    const behind = Map.groupBy(items, ({ role }) => role)
    const figures = [...behind].map(([role, lags]) => ({
      role,
      records: lags.reduce((sum, lag) => sum + Number(lag.end) - Number(lag.committed ?? 0), 0),
    }))
    const behindBy = figures.map(({ role, records }) => `${role} ${records}`).join(', ')
    const text =
      items.length === 0
        ? 'open; nothing was read yet'
        : `${items.length} partitions read; behind: ${behindBy}`
    return figures.some(({ records }) => records > LAG_TOLERANCE)
      ? warn(
          'event log',
          text,
          'Wait, or run more instances of that role; see its log if it does not catch up.',
        )
      : ok('event log', text)
  } catch (error) {
    return fail(
      'event log',
      messageOf(error),
      'Check KAFKA_BROKERS and the broker, or the data folder.',
    )
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
