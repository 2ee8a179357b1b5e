import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface CommandEnd {
  readonly code: number | null
  readonly stdout: string
  /** Both streams, for messages. */
  readonly output: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a program to its end, whatever its end; `code` is null where it cannot be started. */
export const command = (
  program: string,
  parameters: readonly string[],
  { cwd, env }: CommandOptions = {},
): Promise<CommandEnd> =>
  new Promise((resolve) => {
    const child = spawn(program, parameters, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    })
    let stdout = ''
    let output = ''
    child.stdout.on('data', (data) => {
      stdout += String(data)
      output += String(data)
    })
    child.stderr.on('data', (data) => {
      output += String(data)
    })
    child.on('error', (error) => resolve({ code: null, stdout, output: String(error) }))
    child.on('close', (code) => resolve({ code, stdout, output }))
  })

/** The same for a step without which the rest has no meaning. */
export const succeed = async (
  program: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): Promise<string> => {
  const { code, stdout, output } = await command(program, parameters, options)
  if (code !== 0)
    throw new Error(`${program} ${parameters.join(' ')} ended with ${code}:\n${output}`)
  return stdout
}

/** A folder outside the checkout that stays for the next run: what registries gave need not come again. */
export const cacheFolder = (name: string): string => {
  const folder = join(tmpdir(), 'neosigma-system-tests', name)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Says aloud what could not run, and why. */
export const sayMissing = (what: string, reason: string): void => {
  process.stderr.write(`\n*** ${what} did not run: ${reason}\n\n`)
}

/** Tells a figure. */
export const tell = (text: string): void => {
  process.stderr.write(`${text}\n`)
}
