import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { migrate } from '../../pipeline/trace-store/migrate.ts'
import { openTraceStore } from '../../pipeline/trace-store/open-trace-store.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { msOfStoreTime, storeTime } from '../../schemas/tables.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const TABLES: Readonly<Record<string, string>> = {
  OtelTraceRow: 'otel_traces',
  OtelLogRow: 'otel_logs',
  SignalRow: 'neosigma_signals',
  RunRow: 'neosigma_runs',
  ClusterMemberRow: 'neosigma_cluster_members',
  ClusterRow: 'neosigma_clusters',
  ClusterEventRow: 'neosigma_cluster_events',
}

const source = ts.createSourceFile(
  'tables.ts',
  readFileSync('schemas/tables.ts', 'utf8'),
  ts.ScriptTarget.ESNext,
)

/** The members of each exported interface: name → type as written, `readonly` left out. */
const rowTypes: Readonly<Record<string, Readonly<Record<string, string>>>> = Object.fromEntries(
  source.statements
    .filter(ts.isInterfaceDeclaration)
    .map((row) => [
      row.name.text,
      Object.fromEntries(
        row.members
          .filter(ts.isPropertySignature)
          .map((member) => [
            member.name.getText(source).replaceAll("'", ''),
            (member.type?.getText(source) ?? '').replaceAll('readonly ', ''),
          ]),
      ),
    ]),
)

interface Column {
  readonly name: string
  readonly type: string
  readonly default_type: string
}

/** How JSONEachRow gives a column of this type. */
const jsonTypeOf = (type: string): string => {
  const [, wrapper, inner = ''] = /^(LowCardinality|Nullable|Array)\((.+)\)$/u.exec(type) ?? []
  if (wrapper === 'LowCardinality') return jsonTypeOf(inner)
  if (wrapper === 'Nullable') return `${jsonTypeOf(inner)} | null`
  if (wrapper === 'Array') return `${jsonTypeOf(inner)}[]`
  if (type.startsWith('Map(')) return 'Readonly<Record<string, string>>'
  if (/^U?Int64$/u.test(type)) return 'string'
  return /^(U?Int|Float)/u.test(type) ? 'number' : 'string'
}

describe('a row type', () => {
  const { folder, remove } = temporaryFolder()
  let store: TraceStore
  beforeAll(async () => {
    store = await openTraceStore({ traceStore: { driver: 'chdb' }, dataDir: folder }, NO_SECRETS)
    await migrate(store)
  })
  afterAll(async () => {
    await store.close()
    remove()
  })

  test('exists for every table that is listed, and every row type names its table', () => {
    expect(Object.keys(rowTypes).sort()).toEqual(Object.keys(TABLES).sort())
  })

  test.each(Object.entries(TABLES))(
    '%s has the columns of %s, but for those that fill themselves',
    async (row, table) => {
      const columns = await store.query<Column>(`DESCRIBE TABLE ${table}`)
      const members = rowTypes[row] ?? {}
      expect(members).toEqual(
        Object.fromEntries(
          columns
            .filter((column) => column.default_type === '' || column.name in members)
            .map(({ name, type }) => [name, jsonTypeOf(type)]),
        ),
      )
    },
  )
})

describe('times of the store', () => {
  test('come back to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2260, 0, 1) }), (ms) => {
        expect(msOfStoreTime(storeTime(ms))).toBe(ms)
      }),
    )
  })

  test('drop what is finer than a millisecond', () => {
    expect(msOfStoreTime('2026-03-01 10:00:00.123999999')).toBe(Date.UTC(2026, 2, 1, 10, 0, 0, 123))
  })
})
