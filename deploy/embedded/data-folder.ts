import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import {
  isProcessGone,
  type ProcessIdentity,
  thisProcess,
} from '../../pipeline/event-log/sqlite/process-identity.ts'
import { ConfigError } from '../../schemas/errors.ts'

/** The data folder, held by this process. */
export interface HeldFolder {
  release(): void
}

const FILE = 'neosigma.lock'
const holder = z.object({
  host: z.string(),
  pid: z.number().int(),
  startedTicks: z.string().nullable(),
})
type Holder = z.infer<typeof holder>

/**
 * Makes the folder and holds it until `release` or the end of the process, however it ends: a lock whose process is gone
 * is taken over. It exists to say clearly who has the folder; that two processes never write to one store is the engine's
 * own lock.
 * @throws ConfigError `data-folder-in-use`, `data-folder-unusable`
 */
export const holdDataFolder = (dataDir: string): HeldFolder => {
  const file = join(dataDir, FILE)
  try {
    makeFolder(resolve(dataDir))
    if (!take(file)) {
      const other = readHolder(file)
      if (other !== null && isAlive(other))
        throw new ConfigError('data-folder-in-use', `${dataDir} is in use by process ${other.pid}.`)
      rmSync(file, { force: true })
      if (!take(file))
        throw new ConfigError('data-folder-in-use', `${dataDir} was taken by another process.`)
    }
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    throw new ConfigError('data-folder-unusable', `${dataDir}: ${String(cause)}.`, { cause })
  }
  return { release: () => rmSync(file, { force: true }) }
}

/** Node's own recursion never ends where a folder cannot be made below one that exists, as in /proc. */
const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  }
}

/** Creates the lock with its content in one step. False where there is one already. */
const take = (file: string): boolean => {
  const own = `${file}.${process.pid}`
  const content: Holder = { ...thisProcess, startedTicks: startedTicks(process.pid) }
  writeFileSync(own, JSON.stringify(content))
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    unlinkSync(own)
  }
}

const readHolder = (file: string): Holder | null => {
  try {
    return holder.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

/**
 * A process number is given again, in a container always the same: the time of the start tells two apart. Of another host
 * (a container that is gone, its folder taken over) nothing is known: the engine's lock decides.
 */
const isAlive = ({ host, pid, startedTicks: ticks }: Holder): boolean => {
  const identity: ProcessIdentity = { host, pid }
  if (host !== thisProcess.host || isProcessGone(identity)) return false
  return ticks === null || ticks === startedTicks(pid)
}

/** Field 22 of Linux's /proc/PID/stat; null elsewhere. */
const startedTicks = (pid: number): string | null => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
