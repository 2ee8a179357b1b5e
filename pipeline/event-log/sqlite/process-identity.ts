import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

export interface ProcessIdentity {
  /** Where `pid` means something: host and, in containers that share a folder, the process namespace. */
  readonly host: string
  readonly pid: number
}

const namespaceOfProcesses = (): string => {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

export const thisProcess: ProcessIdentity = {
  host: `${hostname()} ${namespaceOfProcesses()}`.trim(),
  pid: process.pid,
}

/** True only if the process certainly ended: then nobody need wait for its lease. */
export const isProcessGone = ({ host, pid }: ProcessIdentity): boolean => {
  if (host !== thisProcess.host) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
