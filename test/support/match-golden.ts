import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect } from 'vitest'

/**
 * Compares a value with a file that was written from it before; with `UPDATE_GOLDENS=1` the file is written anew, and the
 * change is to be read in the diff.
 */
export const matchGolden = (path: string, value: unknown): void => {
  const text = `${JSON.stringify(value, null, 2)}\n`
  if (process.env['UPDATE_GOLDENS'] === '1') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return
  }
  expect(existsSync(path), `${path} is missing: run with UPDATE_GOLDENS=1`).toBe(true)
  expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(path, 'utf8')))
}

/** What a golden holds. */
export const goldenOf = <Value>(path: string): Value =>
  JSON.parse(readFileSync(path, 'utf8')) as Value
