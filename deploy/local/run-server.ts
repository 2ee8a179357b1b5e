import { NeoSigmaError } from '../../schemas/errors.ts'
import { untilSignal } from './until-signal.ts'

interface Server {
  stop(): Promise<void>
}

/** Exit status of a ConfigError, as of every program of NeoSigma. */
const EXIT_CONFIG = 78

/** Starts a server and keeps it until the first SIGINT or SIGTERM; what is missing is said in one line. */
export const runServer = async (start: () => Promise<Server>): Promise<void> => {
  const stopping = untilSignal()
  try {
    const server = await start()
    await stopping
    await server.stop()
  } catch (error) {
    if (!(error instanceof NeoSigmaError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = EXIT_CONFIG
  }
}
