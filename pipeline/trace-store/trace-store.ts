import type { Readable } from 'node:stream'

export type QueryParameters = Readonly<Record<string, unknown>>

/** Rows of one insert in ClickHouse's Native format: for tables of which there are many rows. */
export interface NativeRows {
  readonly columns: readonly string[]
  /**
   * At least one block, cut anywhere; drawn once, while the insert runs. A chunk is done with when the second after it is
   * drawn: its memory may then be used again.
   */
  readonly chunks: Iterable<Uint8Array>
}

/**
 * ClickHouse, in process (chDB) or a server: one SQL dialect, one code path.
 * All calls throw TransientError `store-unavailable` when the engine does not answer, ConfigError `store-refused` for
 * credentials and rights, InvalidInputError `query-refused` for a statement it refuses.
 */
export interface TraceStore {
  /**
   * Inserts rows as one block, acknowledged when durable. The same token again inserts nothing (for the last 10,000
   * blocks of a table); the tables' keys make a replay harmless beyond that.
   */
  insert(table: string, rows: readonly object[] | NativeRows, token?: string): Promise<void>
  /** Rows of a query with `{name: Type}` parameters. 64-bit integers arrive as strings. */
  query<Row>(sql: string, parameters?: QueryParameters): Promise<Row[]>
  /** The same as a stream of JSON lines, unbounded in size; the statement runs read-only. */
  streamReadOnly(sql: string): Promise<Readable>
  /** DDL and other statements without an answer. */
  command(sql: string): Promise<void>
  ping(): Promise<void>
  close(): Promise<void>
}
