import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COLLECTOR_MISSING, collectorBinary } from '../../deploy/collector/build-collector.ts'
import { configurationFile } from '../../deploy/collector/start-collector.ts'
import { partitionOfKey } from '../../pipeline/event-log/murmur2.ts'
import { decodeLogs, decodeTraces } from '../../pipeline/otlp/decode.ts'
import { encodeLogs, encodeTraces } from '../../pipeline/otlp/encode.ts'
import type { KeyValue } from '../../pipeline/otlp/otlp-types.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { anOtlpLog, anOtlpSpan, logsWith, SOME_NANOS, tracesWith } from '../support/an-otlp-span.ts'
import { type CollectorSystem, openCollectorSystem, WAYS } from '../support/collector-system.ts'
import { everyLogs, everyTraces } from '../support/every-otlp.ts'
import { kafkaIsMissing } from '../support/local-kafka.ts'
import { eventually } from '../support/log-reading.ts'
import { command, sayMissing, tell } from '../support/outside.ts'
import { postOtlp } from '../support/send-otlp.ts'

const WHAT = 'the same telemetry through the Collector and through NeoSigma'
const SEED = Number(process.env['SEED'] ?? 20_261_124)
const ARBITRARY = 60
const ARRIVE_MS = 120_000

const binary = await collectorBinary({
  given: process.env['OTELCOL_BIN'] ?? null,
  onBuild: (folder) => tell(`building the Collector into ${folder}, which takes minutes`),
})
if (binary === null) sayMissing(WHAT, COLLECTOR_MISSING)
const otelcol = binary ?? ''

describe.skipIf(binary === null)('a configuration of the Collector', () => {
  test.each(['gateway', 'storage', 'return-path'] as const)('%s: is valid', async (name) => {
    const env = {
      KAFKA_BROKERS: 'kafka-1:9092,kafka-2:9092',
      CLICKHOUSE_URL: 'http://clickhouse:8123',
      OTELCOL_STORAGE_DIR: '/var/lib/otelcol',
      OTLP_ENDPOINT: 'https://otlp.example:4318',
    }
    const validate = ['validate', `--config=${configurationFile(name)}`]
    expect(await command(otelcol, validate, { env })).toMatchObject({ code: 0 })
  })
})

const missing = (await kafkaIsMissing(WHAT)) || binary === null

describe.skipIf(missing)('a Collector, Kafka and ClickHouse', () => {
  let system: CollectorSystem
  let sent = { otel_traces: 0, otel_logs: 0 }
  beforeAll(async () => {
    system = await openCollectorSystem(otelcol)
    const traces = everyTraces(ARBITRARY, SEED)
    const logs = everyLogs(ARBITRARY, SEED)
    for (const one of traces) await send('/v1/traces', encodeTraces(one))
    for (const one of logs) await send('/v1/logs', encodeLogs(one))
    sent = {
      otel_traces: traces.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ).length,
      otel_logs: logs.flatMap(({ resourceLogs }) =>
        resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap((scope) => scope.logRecords)),
      ).length,
    }
  })
  afterAll(() => system?.close())

  const send = async (path: string, body: Uint8Array): Promise<void> => {
    const answers = await Promise.all(system.ports.map((port) => postOtlp(port, path, body)))
    for (const { status, body: answer } of answers) {
      expect(status).toBe(200)
      // Nothing was refused: an empty answer, or an empty partial success.
      expect(['', '0a00']).toContain(answer.toString('hex'))
    }
  }
  const query = <Row extends object>(sql: string) => system.context.store.query<Row>(sql)
  const columnsOf = (way: string, table: string) =>
    query<Column>(
      `SELECT name, type, default_kind, default_expression FROM system.columns
       WHERE database = '${way}' AND table = '${table}' ORDER BY position`,
    )
  const eventuallyEverywhere = (table: string, condition: string, count: number) =>
    Promise.all(
      WAYS.map((way) =>
        eventually(async () => {
          const sql = `SELECT count() AS n FROM ${way}.${table} WHERE ${condition}`
          const [row] = await query<{ readonly n: string }>(sql).catch(() => [])
          return Number(row?.n) >= count
        }, ARRIVE_MS),
      ),
    )
  /** Each row as one text of all columns of the exporter's table, in order. */
  const rowsOf = async (way: string, table: string): Promise<readonly string[]> => {
    const columns = await columnsOf('by_exporter', table)
    const texts = columns.map(({ name, type }, place) => `${comparable(name, type)} AS c${place}`)
    const final = way === 'by_exporter' ? '' : 'FINAL'
    const rows = await query(`SELECT ${texts.join(', ')} FROM ${way}.${table} ${final}`)
    return rows.map((row) => JSON.stringify(row)).sort()
  }

  test.each(['otel_traces', 'otel_logs'] as const)('%s: equal rows by every way', async (table) => {
    await eventuallyEverywhere(table, 'true', sent[table])
    const expected = await rowsOf('by_exporter', table)
    for (const way of WAYS) {
      const rows = await rowsOf(way, table)
      expect(rows.length, way).toBe(sent[table])
      const unequal = rows.filter((row, place) => row !== expected[place])
      expect(unequal.slice(0, 3), `${unequal.length} rows of ${way}`).toEqual([])
    }
    tell(`${table}: ${expected.length} rows equal in ${WAYS.join(', ')} (seed ${SEED})`)
  })

  test.each([
    ['otel_traces', ['IngestedAt']],
    ['otel_logs', ['SourcePosition', 'IngestedAt']],
    ['otel_traces_trace_id_ts', ['IngestedAt']],
  ])('%s: has the exporter’s columns, its types and few of its own', async (table, own) => {
    const [theirs, ours] = [
      await columnsOf('by_exporter', table),
      await columnsOf('by_writer', table),
    ]
    expect(theirs.length).toBeGreaterThan(2)
    expect(ours.filter(({ name }) => !own.includes(name))).toEqual(theirs)
    expect(ours.map(({ name }) => name)).toEqual(expect.arrayContaining(own))
  })

  test('the gateway keys a record by its one trace, on the partition of Kafka’s own clients', async () => {
    const partitions = await system.context.log.partitionsOf(TOPICS.spans.name)
    const seen = new Set<number>()
    for (const { name } of [TOPICS.spans, TOPICS.logs])
      for await (const { key, partition, value } of system.context.log.readAll(name)) {
        const ids = name === TOPICS.spans.name ? tracesIn(value) : tracesOfLogsIn(value)
        expect(ids).toEqual([key ?? ''])
        if (key === null) continue
        expect(partition).toBe(partitionOfKey(key, partitions))
        seen.add(partition)
      }
    expect(seen.size).toBeGreaterThan(partitions / 2)
  })

  test('where rows differ, NeoSigma keeps what the exporter loses', async () => {
    const list: KeyValue['value'] = {
      kind: 'array',
      values: [
        { kind: 'double', value: Number.NaN },
        { kind: 'bool', value: true },
      ],
    }
    const twice = ['1', '2'].map(
      (value) => ({ key: 'k', value: { kind: 'string', value } }) as const,
    )
    const spans = [
      anOtlpSpan({ name: 'odd', spanId: 'aa'.repeat(8), endTimeUnixNano: SOME_NANOS - 1n }),
      anOtlpSpan({
        name: 'odd',
        spanId: 'bb'.repeat(8),
        attributes: [{ key: 'list', value: list }],
      }),
      anOtlpSpan({ name: 'odd', spanId: 'cc'.repeat(8), attributes: twice }),
      anOtlpSpan({ name: 'odd', spanId: 'dd'.repeat(8), startTimeUnixNano: 2n ** 64n - 1n }),
    ]
    await send('/v1/traces', encodeTraces(tracesWith(spans)))
    await eventuallyEverywhere('otel_traces', "SpanName = 'odd'", spans.length)
    const odd = async (way: string) => {
      const [row] = await query(
        `SELECT anyIf(Duration, SpanId = '${'aa'.repeat(8)}') AS duration,
                anyIf(SpanAttributes['list'], SpanId = '${'bb'.repeat(8)}') AS list,
                anyIf(toString(SpanAttributes), SpanId = '${'cc'.repeat(8)}') AS twice,
                anyIf(toString(Timestamp), SpanId = '${'dd'.repeat(8)}') AS time
         FROM ${way}.otel_traces WHERE SpanName = 'odd'`,
      )
      return row
    }
    const kept = {
      duration: '0',
      list: '["NaN",true]',
      twice: "{'k':'2'}",
      time: '2262-04-11 23:47:16.854775807',
    }
    const lost = {
      duration: '18446744073709551615',
      list: '',
      twice: "{'k':'1','k':'2'}",
      time: '1969-12-31 23:59:59.999999999',
    }
    expect(await Promise.all(WAYS.map(odd))).toEqual([lost, kept, kept, lost])
  })

  test('SIGKILL of the Collector between Kafka and ClickHouse loses nothing', async () => {
    const spans = Array.from({ length: 400 }, (_, i) =>
      anOtlpSpan({ name: 'killed', spanId: (i + 1).toString(16).padStart(16, '0') }),
    )
    for (let i = 0; i < spans.length; i += 10)
      await send('/v1/traces', encodeTraces(tracesWith(spans.slice(i, i + 10))))
    await system.storageDiesAndReturns()
    await eventually(async () => {
      const rows = await query(
        "SELECT 1 FROM by_storage.otel_traces FINAL WHERE SpanName = 'killed'",
      )
      return rows.length === spans.length
    }, ARRIVE_MS)
  })

  test('the gateway says yes only to what Kafka has, though Kafka was away', async () => {
    const body = encodeLogs(logsWith([anOtlpLog({ severityText: 'late' })]))
    const post = async () => (await postOtlp(system.ports[0], '/v1/logs', body)).status
    await system.kafka.kill()
    const waiting = post()
    await system.kafka.restart()
    // Waits for Kafka, or asks the agent to come again.
    const first = await waiting
    expect([200, 503]).toContain(first)
    if (first === 503) await eventually(async () => (await post()) === 200, ARRIVE_MS)
    await eventually(async () => {
      const sql = "SELECT 1 FROM by_writer.otel_logs FINAL WHERE SeverityText = 'late'"
      return (await query(sql)).length > 0
    }, ARRIVE_MS)
  })
})

interface Column {
  readonly name: string
  readonly type: string
  readonly default_kind: string
  readonly default_expression: string
}

/** As text. The order of a map's keys has no meaning: the exporter sorts them, NeoSigma leaves them as they were sent. */
const comparable = (name: string, type: string): string => {
  const column = `\`${name}\``
  if (type.startsWith('Map(')) return `toString(mapSort(${column}))`
  if (type.startsWith('Array(Map(')) return `toString(arrayMap(one -> mapSort(one), ${column}))`
  return `toString(${column})`
}

const tracesIn = (value: Uint8Array): readonly string[] => {
  const scopes = decodeTraces(value).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans)
  return [...new Set(scopes.flatMap(({ spans }) => spans.map(({ traceId }) => traceId)))]
}

const tracesOfLogsIn = (value: Uint8Array): readonly string[] => {
  const scopes = decodeLogs(value).resourceLogs.flatMap(({ scopeLogs }) => scopeLogs)
  return [...new Set(scopes.flatMap(({ logRecords }) => logRecords.map(({ traceId }) => traceId)))]
}
