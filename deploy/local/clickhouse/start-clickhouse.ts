import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '../../../schemas/errors.ts'
import { freePorts } from '../free-ports.ts'
import { startProcess } from '../local-process.ts'
import { type Login, usersConfiguration } from './users-configuration.ts'

export interface LocalClickHouseOptions {
  /** Default: a temporary folder, removed by `stop`. */
  readonly dataDir?: string
  /** Of HTTP. Default: a free port. */
  readonly port?: number
  /** Of ClickHouse's own protocol, for others than NeoSigma, which speaks HTTP. Default: it does not listen there. */
  readonly tcpPort?: number
  /** Default: the user `default` without a password. */
  readonly login?: Login
  /** More users, and more of the server's configuration (XML). */
  readonly limits?: ServerLimits
  /** Out of reach of the terminal's Ctrl-C. */
  readonly detached?: boolean
}

export interface ServerLimits {
  readonly users?: readonly Login[]
  readonly configuration?: string
}

export interface LocalClickHouse {
  /** What CLICKHOUSE_URL takes. */
  readonly url: string
  /** Ends the server in order. */
  stop(): Promise<void>
  /** Ends it at once (SIGKILL); what it acknowledged is on the disk. */
  kill(): Promise<void>
  /** Starts it again on the same folder and port, with other limits where they are given. */
  restart(limits?: ServerLimits): Promise<void>
}

const RUNNER = fileURLToPath(new URL('run-server.ts', import.meta.url))

/**
 * The ClickHouse server that the package `chdb` carries, on loopback, in a process of its own. For tests and for trying
 * things out on one machine: the symbol that it calls is exported, but nobody promises it.
 * @throws ConfigError `tool-missing` on a machine that `chdb` has no library for, or if the server does not start
 */
export const startClickHouse = async (
  options: LocalClickHouseOptions = {},
): Promise<LocalClickHouse> => {
  if (options.dataDir !== undefined) return startIn(resolve(options.dataDir), options)
  const dataDir = mkdtempSync(join(tmpdir(), 'neosigma-clickhouse-'))
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true })
  try {
    const server = await startIn(dataDir, options)
    return { ...server, stop: () => server.stop().finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}

const startIn = async (
  dataDir: string,
  options: LocalClickHouseOptions,
): Promise<LocalClickHouse> => {
  mkdirSync(dataDir, { recursive: true })
  const [freePort = 0] = await freePorts(1)
  const port = options.port ?? freePort
  const url = `http://127.0.0.1:${port}`
  const start = ({ limits }: LocalClickHouseOptions) =>
    startProcess({
      command: process.execPath,
      args: [
        RUNNER,
        libraryPath(),
        ...serverArguments(dataDir, port, { ...options, limits: limits ?? {} }),
      ],
      ready: { answers: async () => (await fetch(`${url}/ping`)).ok },
      detached: options.detached ?? false,
    })
  let server = await start(options)
  return {
    url,
    stop: () => server.closeInput(),
    kill: () => server.end('SIGKILL'),
    restart: async (limits) => {
      await server.closeInput()
      server = await start(limits === undefined ? options : { limits })
    },
  }
}

const serverArguments = (
  dataDir: string,
  port: number,
  { tcpPort, ...options }: LocalClickHouseOptions,
): readonly string[] => [
  'clickhouse-local',
  ...configurationFiles(dataDir, options),
  `--path=${join(dataDir, 'data')}`,
  '--listen_host=127.0.0.1',
  `--http_port=${port}`,
  ...(tcpPort === undefined ? [] : [`--tcp_port=${tcpPort}`]),
  // The query reads standard input to its end, which keeps the server up until we close it.
  '--input-format=LineAsString',
  '--structure=line String',
  '--query',
  `SYSTEM START LISTEN HTTP; ${tcpPort === undefined ? '' : 'SYSTEM START LISTEN TCP; '}SELECT count() FROM table`,
]

const configurationFiles = (
  dataDir: string,
  { login, limits = {} }: LocalClickHouseOptions,
): readonly string[] => {
  const logins = [...(login === undefined ? [] : [login]), ...(limits.users ?? [])]
  if (logins.length === 0 && limits.configuration === undefined) return []
  const server = join(dataDir, 'server.xml')
  const users = join(dataDir, 'users.xml')
  const files = usersConfiguration(logins, users, limits.configuration)
  writeFileSync(server, files.server)
  writeFileSync(users, files.users)
  return [`--config-file=${server}`]
}

const libraryPath = (): string => {
  const { platform, arch } = process
  const name = `@chdb/lib-${platform}-${arch}${platform === 'linux' ? '-gnu' : ''}`
  try {
    const chdb = createRequire(createRequire(import.meta.url).resolve('chdb'))
    return join(dirname(chdb.resolve(name)), 'libchdb.so')
  } catch (cause) {
    throw new ConfigError('tool-missing', `chdb has no library for ${platform} ${arch}.`, { cause })
  }
}
