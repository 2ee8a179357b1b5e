import type {
  ConsumeOptions,
  NewRecord,
  PartitionLag,
  RecordBatch,
  StoredRecord,
} from '../event-log.ts'

/** A topic to make, in Kafka's own words. */
export interface NewTopic {
  readonly name: string
  readonly partitions: number
  readonly replicas: number
  readonly settings: Readonly<Record<string, string>>
}

/** What a client library knows of topics. Errors are ours. */
export interface TopicAdmin {
  names(): Promise<readonly string[]>
  /** Makes the topics; one that exists already, or is made by another at the same time, is left as it is. */
  create(topics: readonly NewTopic[]): Promise<void>
  /** A leader for each partition, −1 where it has none yet. @throws InvalidInputError `topic-unknown` */
  leaders(topic: string): Promise<readonly number[]>
  /** The settings of that name. */
  settings(topic: string, names: readonly string[]): Promise<ReadonlyMap<string, string>>
}

/** The largest batch that the topic takes, as far as it is known. */
export interface BatchLimits {
  maxBatchBytes(topic: string): number
}

export interface RecordSender {
  /** Sends in the given order; resolves when every in-sync replica has the records. */
  send(records: readonly NewRecord[]): Promise<void>
  close(): Promise<void>
}

/** A client library for Kafka, as this driver uses it: what differs between them, and nothing else. */
export interface KafkaClient {
  readonly topics: TopicAdmin
  openSender(limits: BatchLimits): RecordSender
  consume(options: ConsumeOptions): AsyncIterable<RecordBatch>
  readTopic(topic: string): AsyncIterable<StoredRecord>
  lag(group: string): Promise<readonly PartitionLag[]>
  close(): Promise<void>
}
