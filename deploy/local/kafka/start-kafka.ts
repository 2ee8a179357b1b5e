import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ConfigError } from '../../../schemas/errors.ts'
import { freePorts } from '../free-ports.ts'
import { type LocalProcess, startProcess } from '../local-process.ts'
import { fetchJars } from './fetch-jars.ts'
import { makeCertificate } from './make-certificate.ts'
import { type Login, SCRAM_MECHANISMS, serverProperties } from './server-properties.ts'

export interface LocalKafkaOptions {
  /** Default: a temporary folder, removed by `stop`. */
  readonly dataDir?: string
  /** Default: a free port. */
  readonly port?: number
  /** Opens a second listener that demands this login (SASL PLAIN, SCRAM-SHA-256 or -512). */
  readonly login?: Login
  /** Opens a listener that encrypts, with a certificate of its own; with `login` it demands that too. */
  readonly tls?: boolean
  /** Out of reach of the terminal's Ctrl-C. */
  readonly detached?: boolean
}

export interface LocalKafka {
  /** What KAFKA_BROKERS takes. */
  readonly brokers: string
  /** The listener that demands the login; null where none was asked for. */
  readonly loginBrokers: string | null
  /** The listener that encrypts, and what its clients are to trust. */
  readonly encrypted: { readonly brokers: string; readonly caFile: string } | null
  /** Ends the broker in order. */
  stop(): Promise<void>
  /** Ends it at once (SIGKILL); what it acknowledged is on the disk. */
  kill(): Promise<void>
  /** Starts it again on the same folder and ports. */
  restart(): Promise<void>
}

const READY = 'Kafka Server started'
const LOG4J = fileURLToPath(new URL('log4j2.properties', import.meta.url))
const JVM = [
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Djava.awt.headless=true',
  `-Dlog4j2.configurationFile=${LOG4J}`,
]
/** Fixed: a random one may begin with `-`, which the formatter takes for an option. */
const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qg'

/**
 * Fetches Kafka where it is not yet cached, formats the folder where it is new, starts one broker on loopback and waits
 * until it serves.
 * @throws ConfigError `tool-missing` without Java or Maven, or if the broker does not start
 */
export const startKafka = async (options: LocalKafkaOptions = {}): Promise<LocalKafka> => {
  const classPath = join(await fetchJars(), '*')
  if (options.dataDir !== undefined) return startIn(resolve(options.dataDir), classPath, options)
  const dataDir = mkdtempSync(join(tmpdir(), 'neosigma-kafka-'))
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true })
  try {
    const kafka = await startIn(dataDir, classPath, options)
    return { ...kafka, stop: () => kafka.stop().finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}

const startIn = async (
  dataDir: string,
  classPath: string,
  options: LocalKafkaOptions,
): Promise<LocalKafka> => {
  const [freePort = 0, controllerPort = 0, loginPort = 0, tlsPort = 0] = await freePorts(4)
  const port = options.port ?? freePort
  const { login, tls = false, detached = false } = options
  const withLogin = login === undefined ? null : { port: loginPort, login }
  mkdirSync(dataDir, { recursive: true })
  const certificate = tls ? await makeCertificate(dataDir) : null
  const withTls = certificate === null ? null : { port: tlsPort, keyStore: certificate.keyStore }
  const properties = join(dataDir, 'server.properties')
  writeFileSync(properties, serverProperties({ dataDir, port, controllerPort, withLogin, withTls }))
  if (!existsSync(join(dataDir, 'log', 'meta.properties')))
    await format(classPath, properties, login)

  const memory = ['-Xms256m', '-Xmx512m']
  const args = [...memory, ...JVM, '-cp', classPath, 'kafka.Kafka', properties]
  const start = (): Promise<LocalProcess> =>
    startProcess({ command: 'java', args, ready: { line: READY }, detached })
  let broker = await start()
  return {
    brokers: `127.0.0.1:${port}`,
    loginBrokers: withLogin === null ? null : `127.0.0.1:${withLogin.port}`,
    encrypted:
      certificate === null ? null : { brokers: `127.0.0.1:${tlsPort}`, caFile: certificate.caFile },
    stop: () => broker.end('SIGTERM'),
    kill: () => broker.end('SIGKILL'),
    restart: async () => {
      await broker.end('SIGTERM')
      broker = await start()
    },
  }
}

const format = async (classPath: string, properties: string, login?: Login): Promise<void> => {
  const tool = ['kafka.tools.StorageTool', 'format', '--cluster-id', CLUSTER_ID]
  const users = login === undefined ? [] : scramUsers(login)
  const args = ['-Xmx128m', ...JVM, '-cp', classPath, ...tool, '--config', properties, ...users]
  try {
    await promisify(execFile)('java', args)
  } catch (cause) {
    throw new ConfigError('tool-missing', `Kafka's storage was not formatted: ${cause}`, { cause })
  }
}

const scramUsers = ({ username, password }: Login): readonly string[] =>
  SCRAM_MECHANISMS.flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${username},password=${password}]`,
  ])
