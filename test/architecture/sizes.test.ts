import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FLOW } from './dependency-rules.mjs'

const MEDIAN_AT_MOST = 90
const P95_AT_MOST = 250
const FILE_AT_MOST = 300

const linesOf = (path: string): number => readFileSync(path, 'utf8').split('\n').length - 1

test('files are small, with a thin tail', () => {
  const files = FLOW.flatMap((folder) => globSync(`${folder}/**/*.ts`))
  const lines = files
    .filter((path) => !/node_modules|\/dist\//u.test(path))
    .map((path) => ({ path, lines: linesOf(path) }))
    .sort((a, b) => a.lines - b.lines)
  const at = (share: number): number =>
    lines[Math.min(lines.length - 1, Math.floor(share * lines.length))]?.lines ?? 0
  const total = lines.reduce((sum, file) => sum + file.lines, 0)
  process.stdout.write(
    `${lines.length} files, ${total} lines: median ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)} (${lines.at(-1)?.path})\n`,
  )
  expect(at(0.5)).toBeLessThanOrEqual(MEDIAN_AT_MOST)
  expect(at(0.95)).toBeLessThanOrEqual(P95_AT_MOST)
  expect(lines.filter((file) => file.lines > FILE_AT_MOST)).toEqual([])
})
