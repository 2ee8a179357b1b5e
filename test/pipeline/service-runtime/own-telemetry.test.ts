import { expect, onTestFinished, test } from 'vitest'
import { decodeLogs } from '../../../pipeline/otlp/decode.ts'
import { ownOrigin } from '../../../pipeline/otlp/own-origin.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { openLogger } from '../../../pipeline/service-runtime/logger.ts'
import { openMetrics } from '../../../pipeline/service-runtime/metrics.ts'
import { openOtlpLogStream } from '../../../pipeline/service-runtime/otlp-log-stream.ts'
import { type OwnTelemetry, ownTelemetry } from '../../../pipeline/service-runtime/own-telemetry.ts'
import { attributeTexts, valueText } from '../../../pipeline/writer/value-text.ts'
import { TransientError } from '../../../schemas/errors.ts'
import { openHttpSink } from '../../support/http-sink.ts'

const open = async () => {
  const sink = await openHttpSink()
  onTestFinished(() => sink.close())
  const settings = configuration.parse({ telemetry: { otlpEndpoint: `${sink.url}/` } })
  return { sink, sent: ownTelemetry(settings, ['writer', 'runs']) as OwnTelemetry }
}

test('nothing is sent where no endpoint is set', () => {
  expect(ownTelemetry(configuration.parse({}), ['writer'])).toBeNull()
})

test('metrics are sent by OTLP, the last ones at the end', async () => {
  const { sink, sent } = await open()
  const metrics = openMetrics(sent)
  metrics.count('neosigma.test.records', 3, { group: 'a' })
  metrics.gauge('neosigma.test.waiting', () => 7)
  await metrics.close()
  const [body, ...more] = sink.bodies('/v1/metrics')
  expect(more).toEqual([])
  for (const text of ['neosigma.test.records', 'neosigma.test.waiting', 'writer,runs'])
    expect(body?.includes(text), text).toBe(true)
})

test('log lines are sent as records, marked as NeoSigma’s own, without secrets', async () => {
  const { sink, sent } = await open()
  const stream = openOtlpLogStream(sent)
  const logger = openLogger({ logLevel: 'info' }, stream)
  const err = new TransientError('store-unavailable', 'away')
  logger.debug('not at this level')
  logger.info({ role: 'writer', records: 3, apiKey: 'hush', agents: ['a'] }, 'stored')
  logger.warn({ err }, 'again')
  await stream.close()
  const [resourceLogs] = sink.bodies('/v1/logs').flatMap((body) => decodeLogs(body).resourceLogs)
  const attributes = resourceLogs?.resource.attributes ?? []
  expect(attributeTexts(attributes)).toMatchObject({ 'service.name': 'neosigma' })
  expect(ownOrigin([attributes])).toBe('internal')
  const records = resourceLogs?.scopeLogs.flatMap(({ logRecords }) => logRecords) ?? []
  expect(
    records.map((record) => [
      valueText(record.body),
      record.severityText,
      record.severityNumber,
      attributeTexts(record.attributes),
    ]),
  ).toEqual([
    ['stored', 'info', 9, { role: 'writer', records: '3', apiKey: '[redacted]', agents: '["a"]' }],
    [
      'again',
      'warn',
      13,
      {
        'exception.type': 'TransientError',
        'exception.message': expect.stringContaining('away'),
        'exception.stacktrace': expect.stringContaining('own-telemetry.test.ts'),
      },
    ],
  ])
  expect(records[0]?.timeUnixNano).toBeGreaterThan(BigInt(Date.now() - 60_000) * 1_000_000n)
})

test('an endpoint that does not answer disturbs nothing', async () => {
  const { sink, sent } = await open()
  await sink.close()
  const metrics = openMetrics(sent)
  const stream = openOtlpLogStream(sent)
  metrics.count('neosigma.test.records')
  openLogger({ logLevel: 'info' }, stream).info('lost')
  await Promise.all([metrics.close(), stream.close()])
})
