import { expect, onTestFinished, test } from 'vitest'
import { COLLECTOR_MISSING, collectorBinary } from '../../deploy/collector/build-collector.ts'
import { configurationFile, startCollector } from '../../deploy/collector/start-collector.ts'
import { freePorts } from '../../deploy/local/free-ports.ts'
import { decodeLogs } from '../../pipeline/otlp/decode.ts'
import { encodeLogs } from '../../pipeline/otlp/encode.ts'
import { anOtlpLog, logsWith } from '../support/an-otlp-span.ts'
import { openHttpSink } from '../support/http-sink.ts'
import { eventually } from '../support/log-reading.ts'
import { sayMissing } from '../support/outside.ts'
import { startRoleProcess } from '../support/role-process.ts'
import { postOtlp } from '../support/send-otlp.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const binary = await collectorBinary({ given: process.env['OTELCOL_BIN'] ?? null })
if (binary === null)
  sayMissing('metrics and logs of NeoSigma through a Collector', COLLECTOR_MISSING)

test.skipIf(binary === null)(
  'metrics and logs of a role arrive, through a Collector, where its operator wants them',
  async () => {
    const sink = await openHttpSink()
    onTestFinished(() => sink.close())
    const { folder, remove } = temporaryFolder()
    onTestFinished(remove)
    const [grpc, http, otlp = 0] = await freePorts(3)
    const collector = await startCollector({
      binary: binary ?? '',
      configurations: [configurationFile('return-path')],
      variables: {
        OTLP_ENDPOINT: sink.url,
        OTLP_GRPC_ENDPOINT: `127.0.0.1:${grpc}`,
        OTLP_HTTP_ENDPOINT: `127.0.0.1:${http}`,
        OTELCOL_METRICS_LEVEL: 'none',
      },
    })
    onTestFinished(() => collector.stop())
    const role = await startRoleProcess('receiver', {
      NEOSIGMA_DATA_DIR: folder,
      NEOSIGMA_LOG_LEVEL: 'info',
      NEOSIGMA_OTLP_GRPC_PORT: '0',
      NEOSIGMA_OTLP_HTTP_PORT: String(otlp),
      NEOSIGMA_TELEMETRY_OTLP_ENDPOINT: `http://127.0.0.1:${http}`,
    })
    onTestFinished(() => role.stop())
    await postOtlp(otlp, '/v1/logs', encodeLogs(logsWith([anOtlpLog()])))
    const lines = () =>
      sink
        .bodies('/v1/logs')
        .flatMap((body) =>
          decodeLogs(body).resourceLogs.flatMap(({ scopeLogs }) =>
            scopeLogs.flatMap(({ logRecords }) => logRecords.map((record) => record.body)),
          ),
        )
    await eventually(() => lines().length > 0, 60_000)
    expect(lines()).toContainEqual({ kind: 'string', value: 'receiver listens for OTLP' })
    await eventually(() => sink.bodies('/v1/metrics').length > 0, 60_000)
    expect(
      sink.bodies('/v1/metrics').some((body) => body.includes('neosigma.ingest.requests')),
    ).toBe(true)
  },
)
