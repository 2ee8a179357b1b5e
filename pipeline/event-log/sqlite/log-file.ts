import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConfigError } from '../../../schemas/errors.ts'
import { translateOpenError } from './translate-sqlite-error.ts'

const SCHEMA_VERSION = 1
const BUSY_TIMEOUT_MS = 2000

const SCHEMA = `
CREATE TABLE topic (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, retention_hours REAL) STRICT;
CREATE TABLE partition (
  id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL REFERENCES topic (id), number INTEGER NOT NULL,
  next_offset INTEGER NOT NULL DEFAULT 0, UNIQUE (topic_id, number)) STRICT;
-- place = partition id and offset in one key (see place.ts): a partition lies together and in order.
CREATE TABLE record (
  place INTEGER PRIMARY KEY, key TEXT, headers TEXT, timestamp_ms INTEGER NOT NULL, appended_ms INTEGER NOT NULL,
  value BLOB NOT NULL) STRICT;
-- AUTOINCREMENT: the id of a member that is gone is never given again.
CREATE TABLE member (
  id INTEGER PRIMARY KEY AUTOINCREMENT, group_name TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
  lease_until_ms INTEGER NOT NULL) STRICT;
CREATE TABLE subscription (member_id INTEGER, topic_id INTEGER, PRIMARY KEY (member_id, topic_id)) STRICT, WITHOUT ROWID;
-- A row for each partition of the topics a group has asked for; committed = next offset to read.
CREATE TABLE ownership (
  group_name TEXT, partition_id INTEGER, member_id INTEGER, epoch INTEGER NOT NULL DEFAULT 0,
  committed INTEGER, PRIMARY KEY (group_name, partition_id)) STRICT, WITHOUT ROWID;
`

/** The two connections of a process to the file of the log. */
export interface LogFile {
  /** Appends only: every commit is forced to disk, and the quota holds. */
  readonly records: DatabaseSync
  /**
   * Topics, groups and reading. Outside the quota, so that consumers can commit when it is reached; a commit survives
   * the death of the process but is not forced to disk: after a loss of power records are at worst delivered again.
   */
  readonly state: DatabaseSync
  close(): void
}

/** @throws ConfigError `data-folder-unusable`, `store-newer` */
export const openLogFile = (file: string, maxBytes: number): LogFile => {
  try {
    mkdirSync(dirname(file), { recursive: true })
    const records = connect(file, 'FULL')
    migrate(records, file)
    const state = connect(file, 'NORMAL')
    records.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize(records)))}`)
    return {
      records,
      state,
      close: () => {
        records.close()
        state.close()
      },
    }
  } catch (error) {
    throw translateOpenError(error, file)
  }
}

const connect = (file: string, synchronous: 'FULL' | 'NORMAL'): DatabaseSync => {
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA journal_size_limit = 67108864`,
  )
  return db
}

const pageSize = (db: DatabaseSync): number =>
  Number(db.prepare('PRAGMA page_size').get()?.['page_size'])

const migrate = (db: DatabaseSync, file: string): void =>
  transact(db, () => {
    const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
    if (version > SCHEMA_VERSION)
      throw new ConfigError(
        'store-newer',
        `${file} has version ${version}; ${SCHEMA_VERSION} is known.`,
      )
    if (version === 0) db.exec(`${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}`)
  })

/** Runs `work` in one write transaction: all of it or nothing. */
export const transact = <Result>(db: DatabaseSync, work: () => Result): Result => {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk ends the transaction by itself.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
