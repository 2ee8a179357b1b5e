import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { type Column, tableLines } from '../../../deploy/cli/text-table.ts'

interface Row {
  readonly name: unknown
  readonly count: number | null
}
const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'N', value: ({ count }) => count, align: 'right' },
]
const lines = async (rows: readonly Row[]): Promise<readonly string[]> => {
  const given = async function* (): AsyncGenerator<Row> {
    yield* rows
  }
  const found: string[] = []
  for await (const line of tableLines(COLUMNS, given())) found.push(stripVTControlCharacters(line))
  return found
}

test('columns are as wide as what is in them, numbers to the right, the unknown a dash', async () => {
  expect(
    await lines([
      { name: 'a', count: 1000 },
      { name: 'longer', count: null },
    ]),
  ).toEqual(['NAME       N', 'a       1000', 'longer     –'])
})

test('no rows are no lines, not even titles', async () => {
  expect(await lines([])).toEqual([])
})

test('every row comes, also those behind the measured ones', async () => {
  const rows = Array.from({ length: 1200 }, (_, count) => ({ name: 'x', count }))
  expect(await lines(rows)).toHaveLength(1201)
})

test('control characters of a value never reach the terminal', async () => {
  const [, row] = await lines([{ name: 'a\u001b[31m\nb\u0007', count: 1 }])
  expect(row).toBe('a [31m b   1')
})

test('characters that turn the direction of writing do not either', async () => {
  const [, row] = await lines([{ name: 'a\u202eb\u2066c\u2029d', count: 1 }])
  expect(row).toMatch(/^a b c d +1$/)
})
