import { SingleBar } from 'cli-progress'

export interface Progress {
  /** Of a known total, or of null where the end is not known. */
  update(label: string, done: number, total: number | null): void
  stop(): void
}

/** A bar on standard error. Where that is no terminal, a line when the work changes its name. */
export const openProgress = (): Progress =>
  process.stderr.isTTY === true ? terminalBar() : plainLines()

const terminalBar = (): Progress => {
  const bar = new SingleBar({
    format: '{label} {bar} {value}/{total}',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
  })
  let current: string | null = null
  return {
    update: (label, done, total) => {
      const end = total ?? done
      if (current !== label) {
        if (current !== null) bar.stop()
        bar.start(end, done, { label })
        current = label
      }
      bar.setTotal(end)
      bar.update(done, { label })
    },
    stop: () => bar.stop(),
  }
}

const plainLines = (): Progress => {
  let current: string | null = null
  return {
    update: (label, _done, total) => {
      if (label === current || total === 0) return
      current = label
      process.stderr.write(`${label}${total === null ? '' : ` (${total})`}…\n`)
    },
    stop: () => undefined,
  }
}
