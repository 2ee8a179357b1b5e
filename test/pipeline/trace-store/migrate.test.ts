import { afterAll, beforeAll, expect, test } from 'vitest'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'
import { type Migration, migrate, readMigrations } from '../../../pipeline/trace-store/migrate.ts'
import { openTraceStore } from '../../../pipeline/trace-store/open-trace-store.ts'
import type { TraceStore } from '../../../pipeline/trace-store/trace-store.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const { folder, remove } = temporaryFolder()
const settings = { traceStore: { driver: 'chdb' as const }, dataDir: folder }

let store: TraceStore
beforeAll(async () => {
  store = await openTraceStore(settings, NO_SECRETS)
})
afterAll(async () => {
  await store.close()
  remove()
})

const first: Migration = {
  name: '0001-a.sql',
  sql: `-- a comment; with a semicolon
CREATE TABLE IF NOT EXISTS a (X String DEFAULT 'x;y') ENGINE = MergeTree ORDER BY X;
INSERT INTO a (X) VALUES ('one');
`,
}
const second: Migration = {
  name: '0002-b.sql',
  sql: 'ALTER TABLE a ADD COLUMN IF NOT EXISTS Y UInt8;',
}

const applied = async (): Promise<readonly string[]> =>
  (
    await store.query<{ readonly Name: string }>(
      'SELECT Name FROM neosigma_migrations FINAL ORDER BY Name',
    )
  ).map(({ Name }) => Name)

// One story: each test goes on with the database of the one before.
test('a fresh database gets what there is, in order', async () => {
  expect(await migrate(store, [first])).toEqual(['0001-a.sql'])
  expect(await store.query('SELECT X FROM a')).toEqual([{ X: 'one' }])
})

test('an older one gets what it lacks, once', async () => {
  expect(await migrate(store, [first, second])).toEqual(['0002-b.sql'])
  expect(await migrate(store, [first, second])).toEqual([])
  expect(await store.query('SELECT X, Y FROM a')).toEqual([{ X: 'one', Y: 0 }])
})

test('one that fails half way is not noted, and is finished by the next start', async () => {
  const half = {
    name: '0003-c.sql',
    sql: 'CREATE TABLE IF NOT EXISTS c (X UInt8) ENGINE = Memory;\nNONSENSE;',
  }
  await expect(migrate(store, [first, second, half])).rejects.toMatchObject({
    code: 'query-refused',
  })
  expect(await applied()).toEqual(['0001-a.sql', '0002-b.sql'])
  const mended = {
    ...half,
    sql: half.sql.replace('NONSENSE;', 'ALTER TABLE a ADD COLUMN IF NOT EXISTS Z UInt8;'),
  }
  expect(await migrate(store, [first, second, mended])).toEqual(['0003-c.sql'])
})

test('instances that start together each end with all of them', async () => {
  const many = Array.from({ length: 4 }, (_, i) => ({
    name: `0004-d${i}.sql`,
    sql: `CREATE TABLE IF NOT EXISTS d${i} (X UInt8) ENGINE = Memory;`,
  }))
  const all = [first, second, { name: '0003-c.sql', sql: '' }, ...many]
  await Promise.all([migrate(store, all), migrate(store, all), migrate(store, all)])
  expect(await applied()).toEqual(all.map(({ name }) => name))
})

test('a database that a newer version migrated is refused by the name of what is unknown', async () => {
  await expect(migrate(store, [first])).rejects.toMatchObject({
    code: 'store-newer',
    detail: expect.stringContaining('0002-b.sql'),
  })
})

test('the migrations of this version are read in the order of their numbers, each number once', () => {
  const names = readMigrations().map(({ name }) => name)
  expect(names).toEqual([...names].sort())
  const numbers = names.map((name) => name.slice(0, 4))
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(numbers[0]).toBe('0001')
})
