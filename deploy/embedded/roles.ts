import type { Configuration } from '../../pipeline/service-runtime/configuration.ts'
import type { HealthServer } from '../../pipeline/service-runtime/health-server.ts'
import type { Role, RoleContext } from '../../pipeline/service-runtime/role.ts'
import { ConfigError } from '../../schemas/errors.ts'

/** In the order of the data flow: they start in it and stop against it. */
export const ROLES = [
  'receiver',
  'writer',
  'runs',
  'miner',
  'controller',
  'monitor',
  'api',
] as const
export type RoleName = (typeof ROLES)[number]

/** Every role but the receiver reads or writes the trace store. */
export const usesStore = (role: RoleName): boolean => role !== 'receiver'

/** In the order of the data flow, each once. */
export const inFlowOrder = (names: readonly RoleName[]): readonly RoleName[] =>
  ROLES.filter((role) => names.includes(role))

/**
 * The embedded store belongs to one process, which then hosts every role that uses it.
 * @throws ConfigError `roles-need-clickhouse`
 */
export const refuseSplitStore = (
  names: readonly RoleName[],
  { traceStore }: Pick<Configuration, 'traceStore'>,
): void => {
  const wanted = names.filter(usesStore)
  const missing = ROLES.filter(usesStore).filter((role) => !wanted.includes(role))
  if (traceStore.driver !== 'chdb' || wanted.length === 0 || missing.length === 0) return
  throw new ConfigError(
    'roles-need-clickhouse',
    `${wanted.join(', ')} here and ${missing.join(', ')} elsewhere cannot share the embedded store.`,
  )
}

/** Starts one role; only its modules are loaded. The API answers at `door`, if there is one. */
export const startRole = async (
  name: RoleName,
  context: RoleContext,
  door?: HealthServer,
): Promise<Role> => {
  switch (name) {
    case 'receiver':
      return (await import('../../pipeline/receiver/main.ts')).startReceiver(context)
    case 'writer':
      return (await import('../../pipeline/writer/main.ts')).startWriter(context)
    case 'runs':
      return (await import('../../consumers/runs/main.ts')).startRuns(context)
    case 'miner':
      return (await import('../../consumers/miner/main.ts')).startMiner(context)
    case 'controller':
      return (await import('../../controller/main.ts')).startController(context)
    case 'monitor':
      return (await import('../../controller/monitor/main.ts')).startMonitor(context)
    case 'api':
      return (await import('../../controller/api/main.ts')).startApi(context, door)
  }
}
