import { decodeBatch, sendToDeadLetter } from '../../pipeline/event-log/decode-batch.ts'
import type { RecordBatch } from '../../pipeline/event-log/event-log.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import type { Signal } from '../../schemas/signal.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { type MetricTable, metricOf, metricTable } from '../signals/metric-table.ts'
import { readValue } from '../signals/unit-value.ts'
import { type ReceivedSignal, signalRow, storeSignals } from './store-signals.ts'

/**
 * Stores the signals of a batch, those of runs that nobody has seen yet too. What cannot be read by its metric is kept
 * and counted: it decides nothing.
 */
export const takeSignals = async (context: RoleContext, batch: RecordBatch): Promise<void> => {
  const { metrics, configuration } = context
  const declared = metricTable(configuration.signals.metrics)
  const rows: ReceivedSignal[] = []
  for (const { record, event } of await decodeBatch(context, 'runs', TOPICS.signals, batch))
    if (event.traceId !== undefined || event.sessionId !== undefined) {
      rows.push(signalRow(event, record.timestampMs))
      countReading(metrics, event, declared)
    } else
      await sendToDeadLetter(
        context,
        'runs',
        record,
        new InvalidInputError('event-invalid', 'The signal names neither a trace nor a session.'),
      )
  const first = batch.records[0]?.offset
  const token = `${batch.topic}:${batch.partition}:${first}-${batch.records.at(-1)?.offset}`
  await storeSignals(context, rows, token)
  metrics.count('neosigma.runs.signals', rows.length)
  await batch.commit()
}

const countReading = (
  metrics: RoleContext['metrics'],
  signal: Signal,
  declared: MetricTable,
): void => {
  const { note } = readValue(signal, metricOf(signal.name, declared))
  metrics.count('neosigma.runs.signal.readings', 1, { reading: note ?? 'declared' })
}
