import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { canonicalJson, sha256 } from '../../schemas/canonical-json.ts'
import { type Capture, captureOtlp } from './dialect-capture.ts'
import { command } from './outside.ts'

const FOLDER = 'test/system/dialects/python'
const CACHE = join(homedir(), '.cache/neosigma/dialects')

export interface PythonAgent {
  /** The program, without its ending. */
  readonly name: string
  /** The file of pinned versions. */
  readonly requirements: string
  readonly env?: Readonly<Record<string, string>>
}

/**
 * What the agent sends, from the cache where the pinned versions and the programs are those of before; else from a run in a
 * virtual environment. Answers the reason where neither can be had. @throws where the packages no longer work together
 */
export const capturePython = async (
  agent: PythonAgent,
): Promise<Capture | { readonly missing: string }> => {
  const pinned = join(FOLDER, 'requirements', `${agent.requirements}.txt`)
  const path = join(CACHE, `${agent.name}-${digestOf(agent, pinned)}.json`)
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'))
  const found = await environmentOf(agent.requirements, pinned)
  if ('missing' in found) return found
  const capture = await captureOtlp({
    program: found.python,
    parameters: [join(FOLDER, `${agent.name}.py`)],
    env: agent.env ?? {},
  })
  mkdirSync(CACHE, { recursive: true })
  writeFileSync(path, JSON.stringify(capture))
  return capture
}

/** Of all that decides what is sent. */
const digestOf = ({ name, env = {} }: PythonAgent, pinned: string): string => {
  const files = [pinned, ...['desk', 'telemetry', name].map((file) => join(FOLDER, `${file}.py`))]
  const texts = [...files, 'test/dialects/desk-world.json'].map((file) =>
    readFileSync(file, 'utf8'),
  )
  return sha256(canonicalJson({ texts, env })).slice(0, 16)
}

/** A virtual environment outside the checkout with exactly the pinned packages. */
const environmentOf = async (
  name: string,
  pinned: string,
): Promise<{ readonly python: string } | { readonly missing: string }> => {
  const folder = join(CACHE, 'python', name)
  const python = join(folder, 'bin/python')
  const installed = join(folder, 'installed.txt')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(pinned, 'utf8'))
    return { python }
  mkdirSync(folder, { recursive: true })
  const made = await command('python3', ['-m', 'venv', folder])
  if (made.code !== 0) return { missing: `python3 -m venv: ${made.output}` }
  const pip = await command(python, ['-m', 'pip', 'install', '--quiet', '-r', pinned])
  // Without a registry nothing can be said; packages that no longer fit together are a failure.
  if (/connection|network|temporary failure|timed out/i.test(pip.output))
    return { missing: `pip: ${pip.output.slice(-500)}` }
  if (pip.code !== 0) throw new Error(pip.output)
  copyFileSync(pinned, installed)
  return { python }
}
