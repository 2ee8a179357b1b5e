import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { NativeRows } from './trace-store.ts'

/** An empty folder for blocks on their way; what a process that died left there goes. */
export const clearedFolder = (path: string): string => {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  return path
}

/** Hands a block over as a file, which is gone afterwards: the engine in process takes a statement as text alone. */
export const withFile = async (
  folder: string,
  { chunks }: NativeRows,
  use: (file: string) => Promise<unknown>,
): Promise<void> => {
  const file = join(folder, `${randomUUID()}.native`)
  try {
    const handle = await open(file, 'wx')
    try {
      for (const chunk of chunks) await handle.writeFile(chunk)
    } finally {
      await handle.close()
    }
    await use(file)
  } finally {
    await rm(file, { force: true })
  }
}
