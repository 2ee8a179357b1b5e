import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** `api.json` in the data folder: where the system that uses this folder is reached. Ports are null for roles elsewhere. */
export const apiFile = z.object({
  url: z.string(),
  pid: z.number().int(),
  otlpGrpcPort: z.number().int().nullable(),
  otlpHttpPort: z.number().int().nullable(),
  startedAt: z.string(),
})
export type ApiFile = z.infer<typeof apiFile>

const pathOf = (dataDir: string): string => join(dataDir, 'api.json')

/** Written beside and renamed, so that nobody reads half of it. */
export const writeApiFile = (dataDir: string, content: ApiFile): void => {
  const path = pathOf(dataDir)
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(content, null, 2)}\n`)
  renameSync(`${path}.${process.pid}`, path)
}

/** null where there is none. What it names may have died since: ask it. */
export const readApiFile = (dataDir: string): ApiFile | null => {
  try {
    return apiFile.parse(JSON.parse(readFileSync(pathOf(dataDir), 'utf8')))
  } catch {
    return null
  }
}

/** Removes the file if it is this process's. */
export const removeApiFile = (dataDir: string): void => {
  if (readApiFile(dataDir)?.pid === process.pid) rmSync(pathOf(dataDir), { force: true })
}

/** An address to connect to, where the one listened on may stand for all of them. */
export const urlOf = (host: string, port: number): string => {
  const reachable = host === '0.0.0.0' || host === '' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
