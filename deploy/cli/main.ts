#!/usr/bin/env node
import { CommanderError } from 'commander'
import { NeoSigmaError } from '../../schemas/errors.ts'
import { CommandStatus } from './command-status.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { ReaderGone, tell, watchReaders } from './output.ts'
import { neosigma } from './program.ts'

/** Runs one command line and answers its exit status. */
export const start = async (args: readonly string[]): Promise<number> => {
  try {
    await neosigma().parseAsync([...args], { from: 'user' })
    return EXIT.ok
  } catch (error) {
    // Commander has said itself what is wrong with the arguments; help and version end with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (error instanceof CommandStatus) return error.status
    if (error instanceof ReaderGone) return EXIT.ok
    tell(`neosigma: ${messageOf(error)}`)
    return exitCodeOf(error)
  }
}

const messageOf = (error: unknown): string => {
  if (error instanceof NeoSigmaError) return error.message
  return `${error instanceof Error ? error.message : String(error)} [unexpected] Please report this message.`
}

if (import.meta.main) {
  watchReaders()
  process.exitCode = await start(process.argv.slice(2))
}
