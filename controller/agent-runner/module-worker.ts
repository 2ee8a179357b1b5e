// Runs in a worker thread: one module, one run at a time. Whatever it does, the parent can end it.
import { parentPort, workerData } from 'node:worker_threads'
import type { RunRequest, RunResponse } from '../../schemas/run-protocol.ts'

type Run = (request: RunRequest) => Promise<RunResponse> | RunResponse

// For instrumentation that the module loads into this thread; a write, not a read.
// biome-ignore lint/style/noProcessEnv: sets the mark of an evaluation
process.env['NEOSIGMA_EVALUATION'] = '1'

const { run } = (await import(String(workerData.module))) as { readonly run?: Run }
if (typeof run !== 'function') throw new TypeError('The module exports no function `run`.')

parentPort?.on('message', (request: RunRequest) => {
  void Promise.resolve(request)
    .then(run)
    .then(
      // As JSON, as on the other transports: what cannot be written as JSON is not an answer.
      (answer) => parentPort?.postMessage({ answer: JSON.stringify(answer) ?? '' }),
      (error: unknown) =>
        parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) }),
    )
})
parentPort?.postMessage({ ready: true })
