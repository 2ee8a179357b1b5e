import type { ChildProcess } from 'node:child_process'

/** One listener for all: Node warns of a leak from the eleventh on. */
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** The child ends with this process, unless it has ended before. */
export const killAtExit = (child: ChildProcess): void => {
  children.add(child)
  child.once('exit', () => children.delete(child))
}
