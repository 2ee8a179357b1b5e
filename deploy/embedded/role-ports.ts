import type { Role } from '../../pipeline/service-runtime/role.ts'
import type { RoleName } from './roles.ts'

/** Ports of roles that run here; null for roles that do not. */
export interface RolePorts {
  readonly grpcPort: number | null
  readonly httpPort: number | null
  readonly apiPort: number | null
}

export const rolePorts = (roles: ReadonlyMap<RoleName, Role>): RolePorts => ({
  grpcPort: portOf(roles.get('receiver'), 'grpcPort'),
  httpPort: portOf(roles.get('receiver'), 'httpPort'),
  apiPort: portOf(roles.get('api'), 'port'),
})

const portOf = (role: object | undefined, name: string): number | null => {
  const port: unknown = role === undefined ? null : Reflect.get(role, name)
  return typeof port === 'number' ? port : null
}
