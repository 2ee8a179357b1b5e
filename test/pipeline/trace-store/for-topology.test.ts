import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'
import { forTopology, ONE_SERVER } from '../../../pipeline/trace-store/for-topology.ts'
import { readMigrations, statementsOf } from '../../../pipeline/trace-store/migrate.ts'
import { openTraceStore } from '../../../pipeline/trace-store/open-trace-store.ts'
import type { TraceStore } from '../../../pipeline/trace-store/trace-store.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const CLUSTER = { cluster: '{cluster}', replicated: true }
const statements = readMigrations().flatMap(({ sql }) => statementsOf(sql))

describe('a statement', () => {
  test.each(statements)('of one server stays what it is: %s', (sql) => {
    expect(forTopology(sql, ONE_SERVER)).toBe(sql)
  })

  test.each([
    [
      'CREATE TABLE IF NOT EXISTS a (B String) ENGINE = ReplacingMergeTree(V) ORDER BY B SETTINGS non_replicated_deduplication_window = 9',
      'CREATE TABLE IF NOT EXISTS a ON CLUSTER `{cluster}` (B String) ENGINE = ReplicatedReplacingMergeTree(V) ORDER BY B SETTINGS replicated_deduplication_window = 9, replicated_deduplication_window_seconds = 604800',
    ],
    [
      'CREATE MATERIALIZED VIEW IF NOT EXISTS v TO a AS SELECT 1',
      'CREATE MATERIALIZED VIEW IF NOT EXISTS v ON CLUSTER `{cluster}` TO a AS SELECT 1',
    ],
    ['CREATE TABLE a_2 AS a', 'CREATE TABLE a_2 ON CLUSTER `{cluster}` AS a'],
    [
      'CREATE DATABASE IF NOT EXISTS `o`',
      'CREATE DATABASE IF NOT EXISTS `o` ON CLUSTER `{cluster}`',
    ],
    ['EXCHANGE TABLES a AND b', 'EXCHANGE TABLES a AND b ON CLUSTER `{cluster}`'],
    ['DROP TABLE IF EXISTS a', 'DROP TABLE IF EXISTS a ON CLUSTER `{cluster}`'],
    [
      'ALTER TABLE a MODIFY TTL B + toIntervalDay(3) SETTINGS alter_sync = 0',
      'ALTER TABLE a ON CLUSTER `{cluster}` MODIFY TTL B + toIntervalDay(3) SETTINGS alter_sync = 0',
    ],
    ["INSERT INTO a VALUES ('CREATE TABLE a')", "INSERT INTO a VALUES ('CREATE TABLE a')"],
  ])('%s runs on the cluster as %s', (sql, expected) => {
    expect(forTopology(sql, CLUSTER)).toBe(expected)
  })

  test('that has a replicated engine already keeps it', () => {
    const sql = 'CREATE TABLE a (B Int8) ENGINE = ReplicatedMergeTree ORDER BY B'
    expect(forTopology(sql, { cluster: null, replicated: true })).toBe(sql)
  })
})

describe('the migrations on a cluster', () => {
  const { folder, remove } = temporaryFolder()
  let store: TraceStore
  beforeAll(async () => {
    store = await openTraceStore({ traceStore: { driver: 'chdb' }, dataDir: folder }, NO_SECRETS)
  })
  afterAll(async () => {
    await store.close()
    remove()
  })

  test.each(statements.filter((sql) => !sql.startsWith('INSERT')))(
    'are read by the engine as statements for it: %s',
    async (sql) => {
      const [row] = await store.query<{ readonly read: string }>(
        'SELECT formatQuerySingleLine({sql: String}) AS read',
        { sql: forTopology(sql, CLUSTER) },
      )
      expect(row?.read).toContain(' ON CLUSTER `{cluster}`')
      expect(row?.read).not.toMatch(/ENGINE = (?!Replicated)|non_replicated/)
    },
  )
})
