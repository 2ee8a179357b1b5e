// Runs in a worker thread of the host's process (sender.ts).
import { parentPort, workerData } from 'node:worker_threads'
import { type Outcome, openTransport, type Transport } from './open-transport.ts'
import type { SenderData, SendMessage, Signal } from './sender-protocol.ts'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 1000
/** For refusals that may come from the request itself, such as one that is too large for the receiver. */
const MOST_REFUSALS = 30

const { protocol, unsent } = workerData as SenderData
const count = new Int32Array(unsent)
const transports = new Map<Signal, Transport>()
const queues = new Map<Signal, Promise<void>>()

const transportOf = (signal: Signal): Transport => {
  const transport = transports.get(signal) ?? openTransport(protocol, signal)
  transports.set(signal, transport)
  return transport
}

/** Tries until the receiver has it or refuses it for good; a receiver that cannot be reached is waited for. */
const deliver = async ({ signal, body }: SendMessage): Promise<void> => {
  let refusals = 0
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const outcome: Outcome = await transportOf(signal)(body)
    if (outcome === 'sent' || outcome === 'refused') return
    if (outcome === 'busy' && ++refusals >= MOST_REFUSALS) return
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

const settle = (bytes: number): void => {
  Atomics.sub(count, 0, bytes)
  Atomics.notify(count, 0)
}

// One request of a signal after the other: what waits for a receiver is bounded, and comes in order.
parentPort?.on('message', (message: SendMessage) => {
  const before = queues.get(message.signal) ?? Promise.resolve()
  const after = before
    .then(() => deliver(message))
    .catch(() => {})
    .then(() => settle(message.body.byteLength))
  queues.set(message.signal, after)
})
