import { type RoleName, refuseSplitStore } from './roles.ts'
import type { EmbeddedOptions } from './start-embedded.ts'
import { type System, startSystem } from './start-system.ts'

/**
 * Some roles in this process, the others elsewhere; health has a port of its own. `api.json` is written by the process of
 * the API. @throws ConfigError `roles-need-clickhouse`, and as `startEmbedded`
 */
export const serveRoles = async (
  options: EmbeddedOptions & { readonly roles: readonly RoleName[] },
): Promise<System> => {
  refuseSplitStore(options.roles, options.configuration)
  return startSystem({
    ...options,
    health: { ...options.configuration.health, variable: 'NEOSIGMA_HEALTH_PORT' },
    apiAtHealth: false,
  })
}
