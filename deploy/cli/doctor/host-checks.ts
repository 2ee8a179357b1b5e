import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import type { Configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { listen } from '../../../pipeline/service-runtime/listen.ts'
import { type Check, fail, ok, warn } from './check.ts'

const OLDEST_NODE: readonly [number, number] = [22, 15]
const GIGABYTE = 1e9
const LOW_BYTES = 5 * GIGABYTE
const TOO_LOW_BYTES = 0.2 * GIGABYTE

export const checkNode = (version: string): Check => {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
    ? ok('node', version)
    : fail(
        'node',
        version,
        `Use Node ${OLDEST_NODE.join('.')} or newer; npm ci installs one for npm scripts and npx.`,
      )
}

export const checkFolder = ({ dataDir }: Configuration): Check => {
  const folder = nearestFolder(dataDir)
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch {
    return fail(
      'data folder',
      `${folder} is not writable`,
      'Change its owner or mode, or set NEOSIGMA_DATA_DIR.',
    )
  }
  return ok('data folder', existsSync(dataDir) ? dataDir : `${dataDir} will be made`)
}

export const checkDisk = ({ dataDir }: Configuration): Check => {
  const { bavail, bsize } = statfsSync(nearestFolder(dataDir))
  const free = bavail * bsize
  const text = `${(free / GIGABYTE).toFixed(1)} GB free`
  const advice =
    'Free space, or move the data folder (NEOSIGMA_DATA_DIR); a full log refuses new data.'
  if (free < TOO_LOW_BYTES) return fail('disk', text, advice)
  return free < LOW_BYTES ? warn('disk', text, advice) : ok('disk', text)
}

/** The folder itself or the nearest above it that exists. */
const nearestFolder = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path))

/** Whether the ports of `start` could be listened on. */
export const checkPorts = async ({ receiver, api }: Configuration): Promise<readonly Check[]> =>
  Promise.all([
    checkPort(receiver.host, receiver.grpcPort, 'NEOSIGMA_OTLP_GRPC_PORT'),
    checkPort(receiver.host, receiver.httpPort, 'NEOSIGMA_OTLP_HTTP_PORT'),
    checkPort(api.host, api.port, 'NEOSIGMA_API_PORT'),
  ])

const checkPort = async (host: string, port: number, variable: string): Promise<Check> => {
  const name = `port ${port}`
  const server = createServer()
  try {
    await listen(server, { host, port, variable })
    return ok(name, `free (${variable})`)
  } catch {
    return fail(
      name,
      `${host}:${port} cannot be listened on`,
      `Stop what uses it, or set ${variable}.`,
    )
  } finally {
    server.close()
  }
}
