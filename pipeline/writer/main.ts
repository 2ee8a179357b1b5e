import type { RecordBatch } from '../event-log/event-log.ts'
import { runConsumer } from '../event-log/run-consumer.ts'
import { loopRole } from '../service-runtime/loop-role.ts'
import type { Role } from '../service-runtime/role.ts'
import { keptStreamers, WRITTEN_TOPICS } from './targets.ts'
import { type WriterContext, writeBatch } from './write-batch.ts'

const GROUP = 'neosigma-writer'

/** What is held of one batch, and about what an insert takes; blocks on their way are small beside it. */
const BATCH_RECORDS = 5000
const BATCH_BYTES = 40 * 1024 * 1024

/** Brings spans and log records from the event log into the trace store, each once. */
export const startWriter = async (context: Omit<WriterContext, 'streamerOf'>): Promise<Role> => {
  const writer = { ...context, streamerOf: keptStreamers() }
  const progress = new WeakMap<RecordBatch, bigint>()
  return loopRole({
    name: 'writer',
    logger: context.logger,
    run: (signal) =>
      runConsumer(
        context,
        {
          group: GROUP,
          topics: WRITTEN_TOPICS,
          maxRecords: BATCH_RECORDS,
          maxBytes: BATCH_BYTES,
          signal,
        },
        (batch) =>
          writeBatch(writer, batch, progress.get(batch), (offset) => progress.set(batch, offset)),
      ),
  })
}
