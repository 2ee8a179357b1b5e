import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import type { LoadedConfiguration } from '../../pipeline/service-runtime/load-config.ts'
import { openLogger } from '../../pipeline/service-runtime/logger.ts'
import { ConfigError } from '../../schemas/errors.ts'
import { type EmbeddedSystem, startEmbedded } from '../embedded/start-embedded.ts'
import { type ApiClient, apiClient } from './api-client.ts'
import { findSystem } from './find-system.ts'

/** A system that is starting, or another command, gets so long to answer or to end. */
const PATIENCE_MS = 15_000
const POLL_MS = 200

/**
 * Gives `use` the API of the running system. Where none runs, the data folder is opened here for the time of the command,
 * with the API alone.
 */
export const withApi = async <Result>(
  loaded: LoadedConfiguration,
  use: (api: ApiClient, isRunning: boolean) => Promise<Result>,
): Promise<Result> => {
  const opened = await findOrOpen(loaded)
  if ('running' in opened) return use(apiClient(opened.running), true)
  try {
    return await use(apiClient(opened.own.url), false)
  } finally {
    await opened.own.stop()
  }
}

const findOrOpen = async (
  loaded: LoadedConfiguration,
): Promise<{ readonly running: string } | { readonly own: EmbeddedSystem }> => {
  const untilMs = systemClock.nowMs() + PATIENCE_MS
  for (;;) {
    const found = await findSystem(loaded)
    if (found !== null) return { running: found.url }
    try {
      return { own: await openApi(loaded) }
    } catch (error) {
      const isHeld = error instanceof ConfigError && error.code === 'data-folder-in-use'
      if (!isHeld || systemClock.nowMs() >= untilMs) throw error
      await systemClock.sleep(POLL_MS)
    }
  }
}

const openApi = ({ configuration, secrets }: LoadedConfiguration): Promise<EmbeddedSystem> =>
  startEmbedded({
    configuration: { ...configuration, api: { host: '127.0.0.1', port: 0 } },
    secrets,
    logger: openLogger({ logLevel: quieter(configuration.logLevel) }),
    roles: ['api'],
    announced: false,
  })

/** A command says what went wrong, not what went well. */
const quieter = <Level extends string>(level: Level): Level | 'warn' =>
  level === 'info' ? 'warn' : level
