import { mkdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROLES, type RoleName } from '../embedded/roles.ts'
import { freePorts } from './free-ports.ts'
import { type LocalProcess, startProcess } from './local-process.ts'

export interface RoleProcesses {
  readonly healthUrls: ReadonlyMap<RoleName, string>
  /** Resolves with its name and last words when one ends by itself. */
  readonly broken: Promise<Error>
  /** In order, against the data flow. */
  stop(): Promise<void>
}

export interface RolesOptions {
  readonly variables: Readonly<Record<string, string>>
  /** Variables that would lead elsewhere. */
  readonly without: readonly string[]
  /** Where the configuration is looked for. */
  readonly cwd: string
  /** What each role says goes to a file here. */
  readonly logDir: string
}

const MAIN = fileURLToPath(new URL(`../cli/main${extname(import.meta.url)}`, import.meta.url))

/**
 * `neosigma serve ROLE` for each role, a process of its own, as in production. Resolves when all are ready.
 * @throws ConfigError `tool-missing` with the last words of one that does not start
 */
export const startRoles = async (options: RolesOptions): Promise<RoleProcesses> => {
  mkdirSync(options.logDir, { recursive: true })
  const ports = await freePorts(ROLES.length)
  const started: LocalProcess[] = []
  const stop = async (): Promise<void> => {
    for (const role of started.toReversed()) await role.end('SIGTERM')
  }
  const starts = ROLES.map((role, place) => startRole(role, ports[place] ?? 0, options))
  for (const outcome of await Promise.allSettled(starts)) {
    if (outcome.status === 'fulfilled') started.push(outcome.value)
  }
  try {
    await Promise.all(starts)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    healthUrls: new Map(ROLES.map((role, place) => [role, `http://127.0.0.1:${ports[place]}`])),
    broken: Promise.race(
      started.map(
        async ({ ended }, place) => new Error(`${ROLES[place]} has ended.\n${await ended}`),
      ),
    ),
    stop,
  }
}

const startRole = (
  role: RoleName,
  healthPort: number,
  { variables, without, cwd, logDir }: RolesOptions,
): Promise<LocalProcess> =>
  startProcess({
    command: process.execPath,
    args: [MAIN, 'serve', role],
    variables: { ...variables, NEOSIGMA_HEALTH_PORT: String(healthPort) },
    without: [...without, 'NEOSIGMA_HEALTH_HOST'],
    cwd,
    logFile: join(logDir, `${role}.log`),
    detached: true,
    ready: { answers: async () => (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).ok },
  })
