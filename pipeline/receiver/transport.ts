import type { Logger } from 'pino'
import { ConfigError, InvariantError } from '../../schemas/errors.ts'
import type { Metrics } from '../service-runtime/metrics.ts'
import type { ByteLease } from './byte-budget.ts'
import { type Failure, failureOf } from './failure.ts'
import type { Intake, Signal } from './intake.ts'

/** What both protocols need. */
export interface TransportServices {
  readonly intake: Intake
  /** Opens the account of one request on the bytes in flight. */
  readonly lease: () => ByteLease
  readonly maxBodyBytes: number
  readonly logger: Logger
  readonly metrics: Metrics
  /** Ends the role: the error will not go away by itself. */
  readonly fail: (error: Error) => void
}

/** A listening server. */
export interface Transport {
  readonly port: number
  /** Refuses new requests at once and lets those in flight finish, for at most `graceMs`. */
  stop(graceMs: number): Promise<void>
}

export type TransportName = 'grpc' | 'http'

export interface RequestPlace {
  readonly transport: TransportName
  readonly signal: Signal
}

/** Counts a request and says how it failed; the sender's mistakes are told to the sender, not to the log. */
export const recordFailure = (
  { logger, metrics, fail }: TransportServices,
  place: RequestPlace,
  error: unknown,
): Failure => {
  const failure = failureOf(error)
  metrics.count('neosigma.ingest.requests', 1, { ...place, outcome: failure.code })
  if (failure.code === 'internal') logger.error({ ...place, err: error }, 'a request failed')
  else logger.debug({ ...place, code: failure.code, reason: failure.message }, 'request refused')
  if (error instanceof InvariantError || error instanceof ConfigError) fail(error)
  return failure
}

export const recordSuccess = ({ metrics }: TransportServices, place: RequestPlace): void =>
  metrics.count('neosigma.ingest.requests', 1, { ...place, outcome: 'ok' })
