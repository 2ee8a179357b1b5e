import { Worker } from 'node:worker_threads'
import {
  type Protocol,
  SENDER,
  type SenderData,
  type SendMessage,
  type Signal,
} from './sender-protocol.ts'

export interface Sender {
  /** Starts the thread, if it does not run yet, so that it is ready when there is something to send. */
  warmUp(): void
  /** Takes one export request. What does not fit is dropped: memory stays bounded while the receiver is away. */
  send(signal: Signal, body: Uint8Array): void
  /** Resolves when everything is sent or the time is over. */
  drain(timeoutMs: number): Promise<void>
  /** The same for an exiting process: blocks. Without anything unsent it costs nothing. */
  drainNow(timeoutMs: number): void
  close(): Promise<void>
}

const MOST_UNSENT_BYTES = 32 * 1024 * 1024
const LOOK_EVERY_MS = 10

/**
 * Sends from a thread of its own: connections and retries can neither hold nor slow the host, and an exiting process can
 * wait for it without its event loop. The thread does not keep the process alive.
 */
export const openSender = (protocol: Protocol): Sender => {
  const unsent = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  const count = new Int32Array(unsent)
  let worker: Worker | null = null
  let broken = false

  const giveUp = (reason: unknown): void => {
    broken = true
    Atomics.store(count, 0, 0)
    process.emitWarning(`NeoSigma telemetry is not sent: ${String(reason)}`)
  }
  const warmUp = (): void => {
    if (worker !== null || broken) return
    try {
      worker = startThread({ purpose: SENDER, protocol, unsent })
      worker.once('error', giveUp)
    } catch (error) {
      giveUp(error)
    }
  }
  return {
    warmUp,
    send: (signal, body) => {
      warmUp()
      if (worker === null || broken) return
      if (Atomics.load(count, 0) + body.byteLength > MOST_UNSENT_BYTES) return
      Atomics.add(count, 0, body.byteLength)
      worker.postMessage({ signal, body } satisfies SendMessage)
    },
    drain: async (timeoutMs) => {
      const deadline = performance.now() + timeoutMs
      while (Atomics.load(count, 0) > 0 && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    },
    drainNow: (timeoutMs) => {
      const deadline = performance.now() + timeoutMs
      for (;;) {
        const bytes = Atomics.load(count, 0)
        const leftMs = deadline - performance.now()
        if (bytes <= 0 || leftMs <= 0) return
        Atomics.wait(count, 0, bytes, leftMs)
      }
    },
    close: async () => {
      broken = true
      await worker?.terminate()
    },
  }
}

/** The source of this checkout runs as TypeScript, the published package as JavaScript. */
const SENDER_MODULE = import.meta.url.endsWith('.ts') ? './sender-thread.ts' : './sender-thread.js'

const startThread = (workerData: SenderData): Worker => {
  // Without the host's preloads and flags: none of them is meant for this thread.
  const worker = new Worker(new URL(SENDER_MODULE, import.meta.url), {
    workerData,
    execArgv: [],
    name: 'neosigma-telemetry',
  })
  worker.unref()
  return worker
}
