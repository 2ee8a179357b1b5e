import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import type { RunRequest, RunResponse } from '../../schemas/run-protocol.ts'
import { type AgentRunner, RUNNER_LIMITS, type RunnerLimits } from './agent-runner.ts'
import { evaluationVariables } from './evaluation-marks.ts'
import { answerTooLarge, failedRun, readAnswerText, timedOut } from './run-response.ts'

/** sysexits.h: the user is invited to retry later. */
const EXIT_TEMPORARY = 75
/** The shell's own codes for a command that it cannot run or find. */
const EXIT_CANNOT_RUN = 126
const EXIT_NOT_FOUND = 127
const MOST_STDERR_CHARS = 2000

/**
 * One process per run: the request as one JSON line on stdin, the answer as JSON on stdout (its last line counts).
 * Exit status 0 is an answer, 75 `infra_error`, any other `agent_error`.
 */
export const commandAgentRunner = (
  commandLine: string,
  limits: RunnerLimits = RUNNER_LIMITS,
): AgentRunner => {
  const running = new Set<ChildProcessWithoutNullStreams>()
  return {
    run: async (request, signal) => {
      const child = start(commandLine, request)
      running.add(child)
      try {
        return await answerOf(child, request, limits, signal)
      } finally {
        running.delete(child)
        killGroup(child)
      }
    },
    close: async () => {
      for (const child of running) killGroup(child)
    },
  }
}

const start = (commandLine: string, request: RunRequest): ChildProcessWithoutNullStreams => {
  // `env` adds to the environment that the child inherits, without our reading it.
  const variables = Object.entries(evaluationVariables(request)).map(([k, v]) => `${k}=${v}`)
  // A group of its own, so that a timeout also ends what the command has started.
  return spawn('env', [...variables, 'sh', '-c', commandLine], { detached: true })
}

const answerOf = (
  child: ChildProcessWithoutNullStreams,
  request: RunRequest,
  { maxAnswerBytes }: RunnerLimits,
  signal: AbortSignal,
): Promise<RunResponse> => {
  const { promise, resolve } = Promise.withResolvers<RunResponse>()
  const timer = setTimeout(
    () => resolve(timedOut(request.limits.timeoutMs)),
    request.limits.timeoutMs,
  )
  const abort = (): void => resolve(failedRun('infra_error', 'aborted', 'The run was stopped.'))
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  const stdout: Buffer[] = []
  let size = 0
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.byteLength
    if (size > maxAnswerBytes) resolve(answerTooLarge(maxAnswerBytes))
    else stdout.push(chunk)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-MOST_STDERR_CHARS)
  })
  child.on('error', (error) => resolve(failedRun('infra_error', 'cannot_start', error.message)))
  child.on('close', (code, by) =>
    resolve(outcomeOf(Buffer.concat(stdout).toString('utf8'), stderr, code, by)),
  )
  // A command that ends without reading stdin breaks the pipe; its exit status tells what happened.
  child.stdin.on('error', () => {})
  child.stdin.end(`${JSON.stringify(request)}\n`)
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  })
}

const outcomeOf = (
  stdout: string,
  stderr: string,
  code: number | null,
  by: NodeJS.Signals | null,
): RunResponse => {
  if (code === 0) return readAnswerText(stdout)
  const ended = code === null ? `killed by ${by}` : `exit status ${code}`
  const message = `${ended}${stderr === '' ? '' : `: ${stderr.trim()}`}`
  if (code === EXIT_TEMPORARY) return failedRun('infra_error', 'temporary', message)
  if (code === EXIT_CANNOT_RUN || code === EXIT_NOT_FOUND)
    return failedRun('infra_error', 'cannot_start', message)
  return failedRun('agent_error', 'crash', message)
}

const killGroup = ({ pid }: ChildProcessWithoutNullStreams): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group has ended already.
  }
}
