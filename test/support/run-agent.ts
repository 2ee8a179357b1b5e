import { spawn } from 'node:child_process'

export interface AgentRun {
  /** A module of `test/instrumentation/agents`. */
  readonly agent: string
  /** Options of node before the module; default: the registration. */
  readonly nodeOptions?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Sent once the agent has written `ready`. */
  readonly signal?: NodeJS.Signals
}

export interface AgentEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export const REGISTER = ['--import', '@neosigma/instrumentation/register'] as const

/** Runs an agent as a process of its own, with none of the variables of the test's own instrumentation. */
export const runAgent = ({ agent, nodeOptions = REGISTER, env, signal }: AgentRun) =>
  new Promise<AgentEnd>((resolve) => {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(OTEL|NEOSIGMA|OPENAI|NODE_)/.test(name),
    )
    const child = spawn(
      process.execPath,
      [...nodeOptions, new URL(`../instrumentation/agents/${agent}`, import.meta.url).pathname],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...Object.fromEntries(inherited), ...env } },
    )
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (data) => {
      stdout += String(data)
      if (signal !== undefined && stdout.endsWith('ready')) child.kill(signal)
    })
    child.stderr.on('data', (data) => {
      stderr += String(data)
    })
    child.on('close', (code, by) => resolve({ code, signal: by, stdout, stderr }))
  })
