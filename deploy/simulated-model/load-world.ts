import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { InvalidInputError } from '../../schemas/errors.ts'
import { type World, world } from './world.ts'

/**
 * Reads a world file.
 * @throws InvalidInputError `file-unreadable` with all problems
 */
export const loadWorld = (path: string): World => {
  const result = world.safeParse(readJson(path))
  if (result.success) return result.data
  throw new InvalidInputError(
    'file-unreadable',
    `${path} is no world: ${z.prettifyError(result.error)}.`,
  )
}

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new InvalidInputError('file-unreadable', `${path}: ${String(cause)}.`, { cause })
  }
}
