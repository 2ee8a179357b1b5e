import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

const { folder, remove } = temporaryFolder()
afterAll(remove)

/** What the counter says of reports with tests of these states. */
const count = (
  ...reports: readonly ({ readonly states: readonly string[]; readonly success: boolean } | null)[]
): { readonly line: string; readonly status: number | null } => {
  const paths = reports.map((report, place) => {
    const path = join(folder, `${place}.json`)
    const testResults = [{ assertionResults: report?.states.map((status) => ({ status })) }]
    const text = report === null ? '{' : JSON.stringify({ success: report.success, testResults })
    writeFileSync(path, text)
    return path
  })
  const { stdout, status } = spawnSync(process.execPath, ['.ci/count-tests.mjs', ...paths], {
    encoding: 'utf8',
  })
  return { line: stdout, status }
}

describe('the last line of a run', () => {
  test('adds up all reports', () => {
    const states = ['passed', 'passed', 'skipped', 'todo', 'pending']
    expect(count({ states, success: true }, { states: ['passed'], success: true })).toEqual({
      line: '3 passed, 0 failed, 3 skipped\n',
      status: 0,
    })
  })

  test('is red with one failed test', () => {
    expect(count({ states: ['passed', 'failed'], success: false })).toEqual({
      line: '1 passed, 1 failed, 0 skipped\n',
      status: 1,
    })
  })

  test('is red where a file did not load: its tests are not there to fail', () => {
    expect(count({ states: ['passed'], success: false }).line).toBe(
      '1 passed, 1 failed, 0 skipped\n',
    )
  })

  test('is red where a run left no report', () => {
    expect(count({ states: ['passed'], success: true }, null)).toEqual({
      line: '1 passed, 1 failed, 0 skipped\n',
      status: 1,
    })
  })
})
