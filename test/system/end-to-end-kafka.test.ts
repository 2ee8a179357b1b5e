import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type LocalClickHouse,
  startClickHouse,
} from '../../deploy/local/clickhouse/start-clickhouse.ts'
import { freePorts } from '../../deploy/local/free-ports.ts'
import { type LocalKafka, startKafka } from '../../deploy/local/kafka/start-kafka.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { openTraceStore } from '../../pipeline/trace-store/open-trace-store.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { kafkaIsMissing } from '../support/local-kafka.ts'
import { eventually } from '../support/log-reading.ts'
import { type RoleProcess, startRoleProcess } from '../support/role-process.ts'
import { openAgentTelemetry } from '../support/telemetry-of-agents.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ROLES = ['receiver', 'writer', 'runs', 'miner', 'controller', 'monitor', 'api'] as const
const RUNS = 160
/** So that agents run for as long as roles are being killed. */
const PAUSE_MS = 150
const ARRIVE_MS = 90_000

const missing = await kafkaIsMissing('spans to clusters on a real broker, a process for each role')

interface Listing {
  readonly items: readonly { readonly failures: number }[]
}

describe.skipIf(missing)('a process for each role, on Kafka and a ClickHouse server', () => {
  const { folder, remove } = temporaryFolder()
  let kafka: LocalKafka
  let clickhouse: LocalClickHouse
  let store: TraceStore
  let roles: readonly RoleProcess[] = []
  let urls = { grpc: '', http: '', api: '' }

  beforeAll(async () => {
    ;[kafka, clickhouse] = await Promise.all([startKafka(), startClickHouse()])
    const [grpcPort, httpPort, apiPort] = await freePorts(3)
    const at = (port: number | undefined): string => `http://127.0.0.1:${port}`
    urls = { grpc: at(grpcPort), http: at(httpPort), api: at(apiPort) }
    const variables = {
      KAFKA_BROKERS: kafka.brokers,
      CLICKHOUSE_URL: clickhouse.url,
      NEOSIGMA_OTLP_GRPC_PORT: String(grpcPort),
      NEOSIGMA_OTLP_HTTP_PORT: String(httpPort),
      NEOSIGMA_API_PORT: String(apiPort),
      NEOSIGMA_RUN_QUIET_MS: '1000',
    }
    roles = await Promise.all(
      ROLES.map((role) =>
        startRoleProcess(role, { ...variables, NEOSIGMA_DATA_DIR: `${folder}/${role}` }),
      ),
    )
    const traceStore = { driver: 'clickhouse', url: clickhouse.url } as const
    store = await openTraceStore(configuration.parse({ traceStore }), NO_SECRETS)
  })

  afterAll(async () => {
    await Promise.all(roles.map((role) => role.stop()))
    await store?.close()
    await Promise.all([kafka?.kill(), clickhouse?.kill()])
    await Promise.all([kafka?.stop(), clickhouse?.stop()])
    remove()
  })

  const one = async (sql: string): Promise<unknown> => (await store.query(sql))[0]

  test('every run arrives once, although every role is killed once on the way', async () => {
    const agents = openAgentTelemetry(urls.grpc, urls.http)
    const dying = (async () => {
      for (const role of roles) await role.dieAndReturn()
    })()
    const sent: string[] = []
    for (let number = 0; number < RUNS; number++) {
      sent.push(agents.run(number))
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    await Promise.all([dying, agents.flush()])

    const complete = { n: String(RUNS), models: String(2 * RUNS), tools: String(RUNS) }
    const runs = () =>
      one(`SELECT count() AS n, sum(ModelCalls) AS models, sum(ToolCalls) AS tools,
             countIf(Outcome = 'fail') AS failures, sum(InputTokens) AS tokens
           FROM neosigma_runs FINAL`)
    await eventually(async () => {
      const found = (await runs()) as typeof complete & { readonly failures: string }
      return found.n === complete.n && found.failures === String(RUNS / 4)
    }, ARRIVE_MS)
    expect(await runs()).toEqual({
      ...complete,
      failures: String(RUNS / 4),
      tokens: String(2 * 10 * RUNS),
    })
    expect(
      await store.query<{ readonly TraceId: string }>('SELECT TraceId FROM neosigma_runs FINAL'),
    ).toEqual(expect.arrayContaining(sent.map((TraceId) => ({ TraceId }))))
    expect(await one('SELECT count() AS n FROM otel_traces FINAL')).toEqual({
      n: String(4 * RUNS),
    })
    const lines = (await one(
      'SELECT count() AS n, uniqExact(TraceId) AS traces FROM otel_logs FINAL',
    )) as { readonly n: string; readonly traces: string }
    expect(lines.traces).toBe(String(RUNS))
    // An export that was stored, and not confirmed because the receiver died, is sent again by the agent: 64 lines each.
    expect(Number(lines.n) - RUNS).toBeLessThanOrEqual(64 * agents.resent())
    process.stderr.write(
      `${RUNS} runs, ${agents.resent()} exports sent again, ${Number(lines.n) - RUNS} log lines twice by the sender\n`,
    )
  })

  test('the API lists all of them, and the failures as a ranked cluster', async () => {
    const get = async (path: string): Promise<Listing> =>
      (await (await fetch(`${urls.api}${path}`)).json()) as Listing
    expect((await get(`/v1/runs?limit=${RUNS + 10}`)).items).toHaveLength(RUNS)
    const failures = async (): Promise<number> =>
      (await get('/v1/clusters')).items.reduce((sum, cluster) => sum + cluster.failures, 0)
    await eventually(async () => (await failures()) === RUNS / 4, ARRIVE_MS)
  })
})
