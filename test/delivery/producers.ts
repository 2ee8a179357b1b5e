import { setTimeout as pause } from 'node:timers/promises'
import type { Ledger } from './ledger.ts'
import { type NumberedRun, numberedRun, type Stream } from './traffic.ts'

export interface Doors {
  readonly otlp: string
  readonly api: string
}

export interface ProducerOptions {
  readonly doors: Doors
  readonly stream: Stream
  readonly ledger: Ledger
  readonly senders: number
  readonly pauseMs: number
}

export interface Producers {
  /** Finishes what has begun: everything that was sent is acknowledged then. */
  stop(): Promise<void>
  /** Leaves what has begun as it is, to be sent again by the next start of the test. */
  abandon(): Promise<void>
}

const RETRY_MS = 100
const ANSWER_MS = 15_000

/** Sends runs by number, several at a time, each part again until it is acknowledged, as an OTLP exporter does. */
export const startProducers = (options: ProducerOptions): Producers => {
  let stopping = false
  const abandoning = new AbortController()
  const sender = async (): Promise<void> => {
    while (!stopping) {
      await sendRun(options, options.ledger.next(), abandoning.signal)
      await pause(options.pauseMs)
    }
  }
  const ended = Promise.all(Array.from({ length: options.senders }, sender))
  return {
    stop: async () => {
      stopping = true
      await ended
    },
    abandon: async () => {
      stopping = true
      abandoning.abort()
      await ended
    },
  }
}

const sendRun = async (
  { doors, stream, ledger }: ProducerOptions,
  n: number,
  abandoned: AbortSignal,
): Promise<void> => {
  const run: NumberedRun = numberedRun(stream, n)
  const { signal } = run
  const parts: readonly (() => Promise<Outcome>)[] = [
    () => postOtlp(`${doors.otlp}/v1/traces`, run.spans),
    () => postOtlp(`${doors.otlp}/v1/logs`, run.logs),
    ...(signal === null ? [] : [() => postSignal(doors, signal)]),
  ]
  let logsStored = 0
  for (const [place, send] of parts.entries()) {
    const { unsure, isAcknowledged } = await untilAcknowledged(send, abandoned)
    if (place === LOGS) logsStored = unsure + (isAcknowledged ? 1 : 0)
    if (!isAcknowledged) return ledger.abandoned(logsStored)
  }
  ledger.acknowledged(n, logsStored - 1)
}

/** Of a run's parts the second: what is stored twice is there twice. */
const LOGS = 1

/** `unsure`: how many of the attempts before may have been stored although nobody said so. */
const untilAcknowledged = async (send: () => Promise<Outcome>, abandoned: AbortSignal) => {
  let unsure = 0
  while (!abandoned.aborted) {
    const outcome = await send()
    if (outcome === 'acknowledged') return { unsure, isAcknowledged: true }
    if (outcome === 'unsure') unsure += 1
    await pause(RETRY_MS)
  }
  return { unsure, isAcknowledged: false }
}

type Outcome = 'acknowledged' | 'unsure' | 'not-there'

const postOtlp = (url: string, body: Uint8Array): Promise<Outcome> =>
  post(url, 'application/x-protobuf', Buffer.from(body))

const postSignal = ({ api }: Doors, signal: NonNullable<NumberedRun['signal']>) =>
  post(`${api}/v1/signals`, 'application/json', JSON.stringify(signal))

const post = async (url: string, type: string, body: string | Buffer): Promise<Outcome> => {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : new Uint8Array(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    const text = await answer.text()
    if (answer.status === 400) throw new Refused(`${url}: ${text}`)
    return answer.ok ? 'acknowledged' : 'unsure'
  } catch (error) {
    if (error instanceof Refused) throw error
    const cause: unknown = error instanceof Error ? error.cause : null
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
    return isAbsent ? 'not-there' : 'unsure'
  }
}

class Refused extends Error {}
