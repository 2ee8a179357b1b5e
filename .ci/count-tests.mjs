// Prints "N passed, N failed, N skipped" over vitest's JSON reports; a run without a report, or that failed without a
// failed test (a file that does not load, an unhandled error), counts as one failed. Status 1 where anything failed.
import { readFileSync } from 'node:fs'

const countOf = (path) => {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'))
    const results = report.testResults.flatMap(({ assertionResults }) => assertionResults)
    const count = (...states) => results.filter(({ status }) => states.includes(status)).length
    const failed = count('failed')
    return {
      passed: count('passed'),
      failed: failed === 0 && !report.success ? 1 : failed,
      skipped: count('pending', 'skipped', 'todo', 'disabled'),
    }
  } catch {
    process.stderr.write(`no report: ${path}\n`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

const counts = process.argv.slice(2).map(countOf)
const sum = (key) => counts.reduce((total, count) => total + count[key], 0)
process.stdout.write(
  `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`,
)
process.exitCode = sum('failed') === 0 ? 0 : 1
