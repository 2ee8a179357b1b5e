import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ConfigError } from '../../../schemas/errors.ts'

/** A Maven project whose jars are fetched, and what they are the jars of. */
export interface JarProject {
  readonly name: string
  readonly pom: string
}

const KAFKA: JarProject = {
  name: 'kafka',
  pom: fileURLToPath(new URL('pom.xml', import.meta.url)),
}
const run = promisify(execFile)

/** Whether Java and Maven answer; else what is missing, in words. */
export const missingTools = async (): Promise<string | null> => {
  const missing: string[] = []
  for (const [tool, flag] of TOOLS)
    await run(tool, [flag]).catch(() => missing.push(tool === 'java' ? 'Java 17' : 'Maven'))
  return missing.length === 0
    ? null
    : `${missing.join(' and ')} cannot be run; the local broker needs Java 17 and Maven on the PATH`
}

const TOOLS = [
  ['java', '-version'],
  ['mvn', '-version'],
] as const

/**
 * The folder with published jars, fetched with Maven once per content of `pom.xml` and kept in the user's cache.
 * @throws ConfigError `tool-missing`
 */
export const fetchJars = async (
  cacheDir: string = join(homedir(), '.cache', 'neosigma'),
  project: JarProject = KAFKA,
): Promise<string> => {
  const missing = await missingTools()
  if (missing !== null) throw new ConfigError('tool-missing', `${missing}.`)
  const digest = createHash('sha256').update(readFileSync(project.pom)).digest('hex').slice(0, 12)
  const folder = join(cacheDir, `${project.name}-${digest}`)
  if (existsSync(folder)) return folder
  // Beside its final place and renamed when whole: a fetch that was cut off is never taken for one that was not.
  const unfinished = `${folder}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  try {
    await copyJars(project, unfinished)
    if (!existsSync(folder)) renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}

const copyJars = async ({ name, pom }: JarProject, folder: string): Promise<void> => {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime']
  try {
    await run('mvn', ['-B', '-ntp', '-q', '-f', pom, ...goal, `-DoutputDirectory=${folder}`])
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError('tool-missing', `Maven could not fetch the jars of ${name}: ${words}`, {
      cause,
    })
  }
}
