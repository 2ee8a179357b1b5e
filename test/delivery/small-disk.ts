import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'

export interface SmallDisk {
  readonly isMounted: boolean
  unmount(): void
}

export const NO_DISK: SmallDisk = { isMounted: false, unmount: () => undefined }

const MEGABYTES = 3000

/** A disk of its own for a folder, in memory, so that it can be filled. Says so aloud where that is not allowed. */
export const mountSmallDisk = (folder: string, say: (text: string) => void): SmallDisk => {
  const path = resolve(folder)
  const isMounted = (): boolean => readFileSync('/proc/mounts', 'utf8').includes(` ${path} tmpfs `)
  try {
    if (!isMounted())
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m`, 'tmpfs', path], {
        stdio: 'pipe',
      })
  } catch {
    say('*** NOT RUN: a full disk needs Linux and the right to mount a tmpfs')
    return NO_DISK
  }
  return { isMounted: true, unmount: () => void execFileSync('umount', ['--lazy', path]) }
}

/** Takes all that is left, and answers what gives it back. */
export const fillDisk = (folder: string): (() => void) => {
  const file = join(folder, 'ballast')
  const handle = openSync(file, 'w')
  const release = (): void => {
    closeSync(handle)
    rmSync(file)
  }
  for (const bytes of [1024 * 1024, 4096]) {
    const block = Buffer.alloc(bytes)
    try {
      for (;;) if (writeSync(handle, block) < bytes) break
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
    }
  }
  return release
}
