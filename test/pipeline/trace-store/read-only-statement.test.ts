import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readOnlyStatement } from '../../../pipeline/trace-store/read-only-statement.ts'
import { InvalidInputError } from '../../../schemas/errors.ts'

const FUNCTIONS = new Set(['file', 'url', 'remote', 'numbers', 'executable', 's3'])
const check = (sql: string) => readOnlyStatement(sql, FUNCTIONS)

describe('a statement that only reads', () => {
  test.each([
    ['SELECT 1', true],
    ['  -- why\n/* and */ with x as (select 1) SELECT * FROM x', true],
    ['SHOW TABLES', false],
    ['EXPLAIN SELECT 1', false],
    ['DESC otel_logs', false],
  ])('%s is taken', (sql, selects) => {
    expect(check(sql)).toEqual({ sql, selects })
  })

  test('loses its final semicolon and nothing else', () => {
    expect(check("SELECT ';' AS a; -- end").sql).toBe("SELECT ';' AS a")
  })

  test.each([
    "SELECT 'file(' || 'into; readonly = 0'",
    'SELECT `into`, "file" FROM otel_logs',
    'SELECT number FROM numbers(10)',
    "SELECT 'it''s \\' fine'",
    'SELECT 1 AS default',
    "SELECT format, format('{}', a) FROM otel_logs AS format ORDER BY format DESC",
    'SELECT a /* file( */ FROM otel_logs # comment',
  ])('%s may hold dangerous words where they are harmless', (sql) => {
    expect(() => check(sql)).not.toThrow()
  })
})

describe('a statement that would do more', () => {
  test.each([
    ['', 'begin with'],
    ['INSERT INTO otel_logs SELECT 1', 'begin with'],
    ['`select` 1', 'begin with'],
    ['SELECT 1; SELECT 2', 'single statement'],
    ['SELECT 1;;', 'single statement'],
    ['SELECT 1 INTO OUTFILE "x"', 'INTO writes'],
    ['SELECT * FROM FILE ( "x" )', 'file()'],
    ["SELECT * FROM `url`/* */('http://x')", 'url()'],
    ["SELECT aiGenerateContent('x')", 'reaches beyond'],
    ['SELECT * FROM default.`/etc/passwd`', 'database default'],
    ['SELECT * FROM "DEFAULT" . x', 'database default'],
    ['SELECT 1 SETTINGS `readonly` = 0', 'read-only mode'],
    ['SELECT 1 FORMAT JSON', 'FORMAT'],
    ['SELECT 1 format TabSeparatedWithNames SETTINGS max_threads = 1;', 'FORMAT'],
    ["SELECT $x$'$x$, file('y')", 'cannot be read'],
    ["SELECT 'unfinished", 'cannot be read'],
    ['SELECT “quoted”', 'cannot be read'],
  ])('%s is refused', (sql, reason) => {
    expect(() => check(sql)).toThrow(InvalidInputError)
    expect(() => check(sql)).toThrow(reason)
  })

  test('any text is a statement or the fault of who wrote it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, select) => {
        try {
          check(select ? `SELECT ${text}` : text)
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError)
        }
      }),
    )
  })
})
