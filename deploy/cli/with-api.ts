import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import type { LoadedConfiguration } from '../../pipeline/service-runtime/load-config.ts'
import { openLogger } from '../../pipeline/service-runtime/logger.ts'
import { ConfigError } from '../../schemas/errors.ts'
import type { RoleName } from '../embedded/roles.ts'
import { type EmbeddedSystem, startEmbedded } from '../embedded/start-embedded.ts'
import { type ApiClient, apiClient } from './api-client.ts'
import { type FoundSystem, findSystem } from './find-system.ts'

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
  const opened = await findOrOpen(loaded, ['api'])
  if ('running' in opened) return use(apiClient(opened.running.url), true)
  try {
    return await use(apiClient(opened.own.url), false)
  } finally {
    await opened.own.stop()
  }
}

type Opened = { readonly running: FoundSystem } | { readonly own: EmbeddedSystem }

/** The running system, else one of these roles on free ports, which the caller stops. */
export const findOrOpen = async (
  loaded: LoadedConfiguration,
  roles: readonly RoleName[],
): Promise<Opened> => {
  const untilMs = systemClock.nowMs() + PATIENCE_MS
  for (;;) {
    const found = await findSystem(loaded)
    if (found !== null) return { running: found }
    try {
      return { own: await openOwn(loaded, roles) }
    } catch (error) {
      const isHeld = error instanceof ConfigError && error.code === 'data-folder-in-use'
      if (!isHeld || systemClock.nowMs() >= untilMs) throw error
      await systemClock.sleep(POLL_MS)
    }
  }
}

const openOwn = (
  { configuration, secrets }: LoadedConfiguration,
  roles: readonly RoleName[],
): Promise<EmbeddedSystem> => {
  const { receiver, logLevel } = configuration
  const host = '127.0.0.1'
  return startEmbedded({
    configuration: {
      ...configuration,
      api: { host, port: 0 },
      receiver: { ...receiver, host, grpcPort: 0, httpPort: 0 },
    },
    secrets,
    logger: openLogger({ logLevel: logLevel === 'info' ? 'warn' : logLevel }),
    roles,
    announced: roles.includes('receiver'),
  })
}
