import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100
const KB_PER_MB = 1000

/** The process whose command line or environment holds this text, which has to be its own. Linux alone. */
export const processWith = (text: string): number => {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .find((name) => ['cmdline', 'environ'].some((file) => textOf(name, file).includes(text)))
  if (found === undefined) throw new Error(`no process with ${text}`)
  return Number(found)
}

const textOf = (pid: string, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/** CPU seconds of a process and its threads so far, user and system. */
export const cpuSecondsOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** The most memory that it ever held, in MB. */
export const peakMemoryOf = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / KB_PER_MB
}
