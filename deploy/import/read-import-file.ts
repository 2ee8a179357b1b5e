import { accessSync, constants, createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { InvalidInputError } from '../../schemas/errors.ts'
import { type TauBenchRow, tauBenchRow } from './tau-bench-row.ts'

/**
 * The rows of a tau-bench file: one JSON array.
 * @throws InvalidInputError `file-unreadable` with all problems of the first bad rows
 */
export const readTauBench = (path: string): readonly TauBenchRow[] => {
  const result = z.array(tauBenchRow).safeParse(parse(path, readText(path)))
  if (result.success) return result.data
  const problems = result.error.issues
    .slice(0, 10)
    .map(({ path: place, message }) => `${place.join('.')}: ${message}`)
  throw new InvalidInputError('file-unreadable', `${path}: ${problems.join('; ')}.`)
}

const exportRequest = z.union([
  z.looseObject({ resourceSpans: z.array(z.unknown()) }),
  z.looseObject({ resource_spans: z.array(z.unknown()) }),
  z.looseObject({ resourceLogs: z.array(z.unknown()) }),
  z.looseObject({ resource_logs: z.array(z.unknown()) }),
])

export interface ExportRequest {
  readonly signal: 'traces' | 'logs'
  readonly body: Uint8Array
}

/**
 * The export requests of a file: one JSON value, an array of them, or one a line; traces and logs mixed, also in one value.
 * @throws InvalidInputError `file-unreadable` naming the line
 */
export async function* readOtlpJson(path: string): AsyncGenerator<ExportRequest> {
  if (await isJsonLines(path)) {
    let number = 0
    for await (const line of linesOf(path)) {
      number++
      if (line.trim() !== '')
        yield* requestsOf(`${path}:${number}`, parse(`${path}:${number}`, line))
    }
    return
  }
  const whole = [parse(path, readText(path))].flat()
  for (const [index, value] of whole.entries()) yield* requestsOf(`${path}[${index}]`, value)
}

const isJsonLines = async (path: string): Promise<boolean> => {
  for await (const line of linesOf(path)) {
    if (line.trim() === '') continue
    if (line.trimStart().startsWith('[')) return false
    return isJson(line)
  }
  return false
}

const linesOf = (path: string): AsyncIterable<string> => {
  readableOrThrow(path)
  return createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text.trim())
    return true
  } catch {
    return false
  }
}

/** One value holds spans, log records, or both. */
const requestsOf = (place: string, value: unknown): readonly ExportRequest[] => {
  const result = exportRequest.safeParse(value)
  if (!result.success)
    throw new InvalidInputError(
      'file-unreadable',
      `${place}: no resourceSpans and no resourceLogs.`,
    )
  const has = (...keys: readonly string[]): boolean => keys.some((key) => key in result.data)
  const body = new TextEncoder().encode(JSON.stringify(value))
  return [
    ...(has('resourceSpans', 'resource_spans') ? [{ signal: 'traces', body } as const] : []),
    ...(has('resourceLogs', 'resource_logs') ? [{ signal: 'logs', body } as const] : []),
  ]
}

const parse = (place: string, text: string): unknown => {
  try {
    // Trimming takes the byte order mark that some editors write.
    return JSON.parse(text.trim())
  } catch (cause) {
    throw new InvalidInputError('file-unreadable', `${place}: ${String(cause)}.`, { cause })
  }
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new InvalidInputError('file-unreadable', `${path}: ${String(cause)}.`, { cause })
  }
}

const readableOrThrow = (path: string): void => {
  try {
    accessSync(path, constants.R_OK)
  } catch (cause) {
    throw new InvalidInputError('file-unreadable', `${path}: ${String(cause)}.`, { cause })
  }
}
