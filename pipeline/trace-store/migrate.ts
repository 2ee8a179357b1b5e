import { readdirSync, readFileSync } from 'node:fs'
import { sha256 } from '../../schemas/canonical-json.ts'
import { ConfigError } from '../../schemas/errors.ts'
import type { TraceStore } from './trace-store.ts'

export interface Migration {
  /** The file's name, `0001-open-telemetry.sql`; the order of the names is the order of the steps. */
  readonly name: string
  readonly sql: string
}

interface AppliedRow {
  readonly Name: string
  readonly Digest: string
}

const FOLDER = new URL('../../schemas/migrations/', import.meta.url)

/** The migrations that this version of NeoSigma knows. */
export const readMigrations = (): readonly Migration[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, sql: readFileSync(new URL(name, FOLDER), 'utf8') }))

/**
 * Brings the database to this version, forward only; answers the names of what it applied. Statements say IF NOT EXISTS,
 * so that instances which start at once, and one that died half way, are harmless.
 * @throws ConfigError `store-newer` where the database has a migration that this version does not know.
 */
export const migrate = async (
  store: TraceStore,
  migrations: readonly Migration[] = readMigrations(),
): Promise<readonly string[]> => {
  await store.command(`CREATE TABLE IF NOT EXISTS neosigma_migrations (
    Name String, Digest String, AppliedAt DateTime64(3) DEFAULT now64(3)
  ) ENGINE = ReplacingMergeTree ORDER BY Name`)
  const applied = await store.query<AppliedRow>(
    'SELECT Name, Digest FROM neosigma_migrations FINAL ORDER BY Name',
  )
  const known = new Set(migrations.map(({ name }) => name))
  const newer = applied.filter(({ Name }) => !known.has(Name)).map(({ Name }) => Name)
  if (newer.length > 0)
    throw new ConfigError('store-newer', `Unknown migrations: ${newer.join(', ')}.`)
  const done = new Set(applied.map(({ Name }) => Name))
  const missing = migrations.filter(({ name }) => !done.has(name))
  for (const { name, sql } of missing) {
    for (const statement of statementsOf(sql)) await store.command(statement)
    await store.insert('neosigma_migrations', [{ Name: name, Digest: sha256(sql) }])
  }
  return missing.map(({ name }) => name)
}

/** A statement ends with a semicolon at the end of a line; whole-line comments go. */
export const statementsOf = (sql: string): readonly string[] =>
  sql
    .replace(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
