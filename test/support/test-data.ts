import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of the test data that is not part of the repository. */
export const TEST_DATA = process.env['NEOSIGMA_TEST_DATA'] ?? '../shared/data'

/**
 * Reads a file of the test data that is not part of the repository; null where it is absent, after saying so aloud.
 * Set NEOSIGMA_TEST_DATA to the folder, default `../shared/data`.
 */
export const testData = (path: string, tests: number): unknown => {
  const file = join(TEST_DATA, path)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
  process.stderr.write(
    `\n*** ${tests} test(s) did not run: ${file} is absent (NEOSIGMA_TEST_DATA)\n\n`,
  )
  return null
}
