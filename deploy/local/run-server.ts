import { runMain } from './run-main.ts'
import { untilSignal } from './until-signal.ts'

interface Server {
  stop(): Promise<void>
}

/** Starts a server and keeps it until the first SIGINT or SIGTERM. */
export const runServer = (start: () => Promise<Server>): Promise<void> =>
  runMain(async () => {
    const stopping = untilSignal()
    const server = await start()
    await stopping
    await server.stop()
    return 0
  })
