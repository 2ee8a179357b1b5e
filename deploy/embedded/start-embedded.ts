import type { Logger } from 'pino'
import type { Configuration } from '../../pipeline/service-runtime/configuration.ts'
import type { Secrets } from '../../pipeline/service-runtime/secrets.ts'
import { InvariantError } from '../../schemas/errors.ts'
import { ROLES, type RoleName } from './roles.ts'
import { type System, startSystem } from './start-system.ts'

export interface EmbeddedOptions {
  readonly configuration: Configuration
  readonly secrets: Secrets
  readonly logger: Logger
  /** Default: all. The API is always among them. */
  readonly roles?: readonly RoleName[]
  /** Whether `api.json` is written. Default true. */
  readonly announced?: boolean | undefined
  /** Ends a start that waits for an engine. */
  readonly signal?: AbortSignal | undefined
}

export interface EmbeddedSystem extends System {
  /** Of the API, health and metrics. */
  readonly url: string
}

/**
 * All roles in this process, on whatever engines are configured; the default ones need no server. `api.json` in the data
 * folder says where it is reached as long as it runs.
 * @throws ConfigError `port-in-use`, `data-folder-in-use`, `data-folder-unusable` and those of the engines and roles
 */
export const startEmbedded = async ({
  roles = ROLES,
  ...options
}: EmbeddedOptions): Promise<EmbeddedSystem> => {
  const system = await startSystem({
    ...options,
    roles: [...roles, 'api'],
    health: { ...options.configuration.api, variable: 'NEOSIGMA_API_PORT' },
    apiAtHealth: true,
  })
  if (system.apiUrl === null) throw new InvariantError('invariant-broken', 'The API has no port.')
  return { ...system, url: system.apiUrl }
}
