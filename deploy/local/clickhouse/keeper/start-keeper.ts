import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../../free-ports.ts'
import { fetchJars } from '../../kafka/fetch-jars.ts'
import { startProcess } from '../../local-process.ts'

export interface LocalKeeper {
  readonly port: number
  stop(): Promise<void>
}

const PROJECT = { name: 'keeper', pom: fileURLToPath(new URL('pom.xml', import.meta.url)) }

/**
 * One Apache ZooKeeper on loopback, for replicated tables: the server in `chdb` speaks to a Keeper but carries none.
 * @throws ConfigError `tool-missing` without Java and Maven, or if it does not start
 */
export const startKeeper = async (): Promise<LocalKeeper> => {
  const jars = await fetchJars(join(homedir(), '.cache', 'neosigma'), PROJECT)
  const dataDir = mkdtempSync(join(tmpdir(), 'neosigma-keeper-'))
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true })
  const [port = 0] = await freePorts(1)
  try {
    const server = await startProcess({
      command: 'java',
      args: [
        '-Xmx128m',
        '-Dzookeeper.admin.enableServer=false',
        '-Dzookeeper.clientPortAddress=127.0.0.1',
        '-Dzookeeper.4lw.commands.whitelist=ruok',
        ...['-cp', join(jars, '*'), 'org.apache.zookeeper.server.ZooKeeperServerMain'],
        ...[String(port), dataDir],
      ],
      ready: { answers: () => isOk(port) },
    })
    return { port, stop: () => server.end('SIGTERM').finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}

const isOk = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  socket.end('ruok')
  return (await text(socket)) === 'imok'
}
