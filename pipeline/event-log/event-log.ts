import type { Logger } from 'pino'
import type { Clock } from '../service-runtime/clock.ts'
import type { Metrics } from '../service-runtime/metrics.ts'

/** What every driver is opened with. */
export interface EventLogServices {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** What whoever consumes is given. */
export interface ConsumerServices extends EventLogServices {
  readonly log: EventLog
}

/** A record to append. The key decides the partition as Java's default partitioner does (murmur2); null spreads. */
export interface NewRecord {
  readonly topic: string
  readonly key: string | null
  readonly value: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /** Defaults to the time of the append. */
  readonly timestampMs?: number
}

/** A stored record. Offsets of a partition ascend; they may have gaps. */
export interface StoredRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key: string | null
  readonly value: Uint8Array
  readonly headers: Readonly<Record<string, string>>
  readonly timestampMs: number
}

/** Records of one partition in order of offset. Nothing of it is committed until `commit` says so. */
export interface RecordBatch {
  readonly topic: string
  readonly partition: number
  readonly records: readonly StoredRecord[]
  /**
   * Commits everything up to the last record of the batch, or up to and including `offset`. A commit by a consumer that
   * no longer owns the partition does nothing and answers false: whoever owns it now reads the records again.
   */
  commit(offset?: bigint): Promise<boolean>
  /** Keeps the ownership during long work; call it between steps that take seconds. */
  heartbeat(): Promise<void>
}

export interface ConsumeOptions {
  /** Members of one group share the partitions; each record goes to one member (again after a crash). */
  readonly group: string
  readonly topics: readonly string[]
  /** Where a group without committed offsets begins. Default `earliest`. */
  readonly from?: 'earliest' | 'latest'
  readonly maxRecords?: number
  readonly maxBytes?: number
  /** Ends the iteration; the partitions are given back. */
  readonly signal: AbortSignal
  /** Called with the partitions owned after each change of ownership, per topic. */
  readonly onAssignment?: (owned: ReadonlyMap<string, readonly number[]>) => void
}

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  readonly retentionHours: number | null
}

/** A topic as it is. */
export interface TopicState extends TopicSpec {
  /** Whether older records of a key are dropped for younger ones. */
  readonly isCompacted: boolean
  /** The largest record that it takes. */
  readonly maxRecordBytes: number
}

export interface PartitionLag {
  readonly topic: string
  readonly partition: number
  readonly committed: bigint | null
  readonly end: bigint
}

/**
 * A durable, partitioned log with consumer groups.
 * Guarantees: records of one key keep their order; `append` resolves after all records are durable (process death);
 * every record is delivered at least once per group; committed offsets never move backwards; a batch that is not
 * committed is delivered again after a crash.
 */
export interface EventLog {
  /** Makes missing topics; leaves existing ones as they are. */
  createTopics(topics: readonly TopicSpec[]): Promise<void>
  /** Those of the topics that exist. */
  describeTopics(names: readonly string[]): Promise<readonly TopicState[]>
  /**
   * Appends in the given order, all or, after an error, to be tried again as a whole.
   * @throws InvalidInputError `topic-unknown`, `record-too-large`; TransientError `log-full`, `log-unavailable`
   */
  append(records: readonly NewRecord[]): Promise<void>
  /** Batches of the owned partitions, partition after partition, until the signal aborts. Waits when there is nothing. */
  consume(options: ConsumeOptions): AsyncIterable<RecordBatch>
  /** Every record of the topic from its beginning to its present end, without a group: to rebuild state at start. */
  readAll(topic: string): AsyncIterable<StoredRecord>
  partitionsOf(topic: string): Promise<number>
  lag(group: string): Promise<readonly PartitionLag[]>
  close(): Promise<void>
}
