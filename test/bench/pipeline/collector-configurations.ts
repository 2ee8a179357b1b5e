/** The ways in which a Collector can bring spans from Kafka to ClickHouse. */
export type CollectorWay = 'fast' | 'safe' | 'persistent'

interface Places {
  readonly brokers: string
  readonly group: string
  readonly topic: string
  readonly endpoint: string
  readonly database: string
  readonly storageDir: string
}

const BATCH = { sizer: 'items', min_size: 10_000, max_size: 20_000, flush_timeout: '200ms' }
const QUEUE = { enabled: true, sizer: 'items', queue_size: 40_000, num_consumers: 2 }

const QUEUES: Readonly<Record<CollectorWay, object>> = {
  fast: { ...QUEUE, wait_for_result: false, block_on_overflow: true, batch: BATCH },
  safe: {
    ...QUEUE,
    wait_for_result: true,
    batch: { ...BATCH, min_size: 2000, flush_timeout: '20ms' },
  },
  persistent: { ...QUEUE, block_on_overflow: true, storage: 'file_storage', batch: BATCH },
}

/** Kafka → Collector → ClickHouse; the exporter makes its own tables. */
export const collectorConfiguration = (way: CollectorWay, places: Places): object => ({
  extensions: {
    file_storage: { directory: places.storageDir, create_directory: true, fsync: false },
  },
  receivers: {
    kafka: {
      brokers: [places.brokers],
      group_id: places.group,
      initial_offset: 'earliest',
      traces: { topics: [places.topic], encoding: 'otlp_proto' },
      message_marking: { after: true, on_error: false, on_permanent_error: true },
      error_backoff: { enabled: true, initial_interval: '1s', max_interval: '10s' },
    },
  },
  exporters: {
    clickhouse: {
      endpoint: places.endpoint,
      database: places.database,
      create_schema: true,
      async_insert: false,
      timeout: '60s',
      compress: 'none',
      sending_queue: QUEUES[way],
      retry_on_failure: { enabled: true, initial_interval: '1s', max_elapsed_time: '0s' },
    },
  },
  service: {
    ...(way === 'persistent' ? { extensions: ['file_storage'] } : {}),
    telemetry: { metrics: { level: 'none' } },
    pipelines: { traces: { receivers: ['kafka'], exporters: ['clickhouse'] } },
  },
})
