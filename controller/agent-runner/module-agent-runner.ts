import { extname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { RunRequest, RunResponse } from '../../schemas/run-protocol.ts'
import { type AgentRunner, RUNNER_LIMITS, type RunnerLimits } from './agent-runner.ts'
import { answerTooLarge, failedRun, readAnswerText, timedOut } from './run-response.ts'

/** How long `close` waits for threads to end. */
const CLOSE_MS = 2000

type Message = { readonly answer?: string; readonly error?: string; readonly ready?: true }

/**
 * A JavaScript module that exports `run(request)`, in worker threads: a hang ends with the thread, a crash is the
 * thread's alone. Threads are kept for the next run and serve one run at a time; after a failure a new one is started.
 */
export const moduleAgentRunner = (
  path: string,
  limits: RunnerLimits = RUNNER_LIMITS,
): AgentRunner => {
  const module = pathToFileURL(path).href
  const idle = new Set<Worker>()
  const all = new Set<Worker>()
  const start = (): Worker => {
    const worker = startWorker(module)
    all.add(worker)
    return worker.once('exit', () => {
      all.delete(worker)
      idle.delete(worker)
    })
  }
  return {
    run: async (request, signal) => {
      const [kept] = idle
      const worker = kept ?? start()
      idle.delete(worker)
      const exchange = { worker, loaded: kept !== undefined, request, limits, signal }
      const { response, reusable } = await answerOf(exchange)
      if (reusable && all.has(worker)) idle.add(worker)
      // Not awaited: a thread inside a blocking system call ends only when that returns.
      else void worker.terminate()
      return response
    },
    close: async () => {
      const ended = Promise.all([...all].map((worker) => worker.terminate()))
      await Promise.race([ended, sleep(CLOSE_MS, undefined, { ref: false })])
    },
  }
}

/** The worker's file beside this one, `.ts` in a checkout and `.js` when compiled. */
const startWorker = (module: string): Worker => {
  const file = new URL(`./module-worker${extname(import.meta.url)}`, import.meta.url)
  const worker = new Worker(file, { workerData: { module }, stdout: true, stderr: true })
  // An agent's prints are not ours to show; unread, they would fill the memory.
  worker.stdout.resume()
  worker.stderr.resume()
  // Between runs nobody listens: without this an error there would crash this process.
  return worker.on('error', () => {})
}

interface Exchange {
  readonly worker: Worker
  readonly loaded: boolean
  readonly request: RunRequest
  readonly limits: RunnerLimits
  readonly signal: AbortSignal
}

interface Exchanged {
  readonly response: RunResponse
  readonly reusable: boolean
}

const answerOf = async ({
  worker,
  loaded,
  request,
  limits,
  signal,
}: Exchange): Promise<Exchanged> => {
  const { promise, resolve } = Promise.withResolvers<Exchanged>()
  let ready = loaded
  const end = (response: RunResponse, reusable = false): void => resolve({ response, reusable })
  // A module that does not load is an agent that cannot be started, no matter what the candidate is.
  const crash = (message: string): void =>
    end(
      ready
        ? failedRun('agent_error', 'crash', message)
        : failedRun('infra_error', 'cannot_start', message),
    )
  const onMessage = (message: Message): void => {
    if (message.ready === true) ready = true
    else if (message.error !== undefined)
      end(failedRun('agent_error', 'exception', message.error), true)
    else end(readCapped(message.answer ?? '', limits.maxAnswerBytes), true)
  }
  const onError = (error: unknown): void =>
    crash(error instanceof Error ? error.message : String(error))
  const onExit = (code: number): void => crash(`The worker ended with status ${code}.`)
  const onAbort = (): void => end(failedRun('infra_error', 'aborted', 'The run was stopped.'))
  const { timeoutMs } = request.limits
  const timer = setTimeout(() => end(timedOut(timeoutMs)), timeoutMs)
  worker.on('message', onMessage).on('error', onError).on('exit', onExit)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  worker.postMessage(request)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    worker.off('message', onMessage).off('error', onError).off('exit', onExit)
  }
}

const readCapped = (text: string, maxBytes: number): RunResponse =>
  text.length > maxBytes ? answerTooLarge(maxBytes) : readAnswerText(text)
