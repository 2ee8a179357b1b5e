import { NeoSigmaError } from '../../schemas/errors.ts'
import { exitCodeOf } from '../cli/exit-codes.ts'

/** Runs a main to its end. What a user can put right is told in a line, with the exit status that says of which kind it is. */
export const runMain = async (start: () => Promise<number>): Promise<void> => {
  try {
    process.exitCode = await start()
  } catch (error) {
    if (!(error instanceof NeoSigmaError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = exitCodeOf(error)
  }
}
