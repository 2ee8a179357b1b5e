import { missingTools } from '../../deploy/local/kafka/fetch-jars.ts'

/**
 * Whether the local broker can be run here; where it cannot, this says so aloud, with the number of tests that do not run.
 */
export const kafkaIsMissing = async (tests: string): Promise<boolean> => {
  const missing = await missingTools()
  if (missing === null) return false
  process.stderr.write(`\n*** NOT RUN: ${tests}: ${missing}\n\n`)
  return true
}
