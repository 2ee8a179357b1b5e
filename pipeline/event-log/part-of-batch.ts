import type { RecordBatch, StoredRecord } from './event-log.ts'

/** Some records of a batch, as a batch of their own. */
export interface PartOfBatch extends RecordBatch {
  /** Somebody else owns the partition now. */
  isLost(): boolean
}

export const partOf = (batch: RecordBatch, records: readonly StoredRecord[]): PartOfBatch => {
  const { topic, partition } = batch
  const last = records.at(-1)?.offset ?? -1n
  let isLost = false
  return {
    topic,
    partition,
    records,
    heartbeat: () => batch.heartbeat(),
    commit: async (offset = last) => {
      const isDone = await batch.commit(offset)
      if (!isDone) isLost = true
      return isDone
    },
    isLost: () => isLost,
  }
}
