import { gzipSync } from 'node:zlib'
import type { Clock } from '../../pipeline/service-runtime/clock.ts'
import { InvalidInputError, TransientError } from '../../schemas/errors.ts'

export interface OtlpRequest {
  readonly signal: 'traces' | 'logs'
  readonly contentType: 'application/x-protobuf' | 'application/json'
  readonly body: Uint8Array
}

const ATTEMPTS = 8
const LONGEST_PAUSE_MS = 5000

/**
 * Sends one export request as an OTLP exporter does: gzip, and again after a pause where the receiver asks for it.
 * @throws InvalidInputError `payload-malformed` where it is refused, TransientError `log-unavailable` after 8 attempts
 */
export const sendOtlp = async (
  receiverUrl: string,
  { signal, contentType, body }: OtlpRequest,
  clock: Clock,
): Promise<void> => {
  const zipped = gzipSync(body)
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${receiverUrl}/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': contentType, 'content-encoding': 'gzip' },
      body: zipped,
    }).catch(() => null)
    const answer = response === null ? 'no connection' : await response.text()
    if (response?.ok === true) return
    const retryable = response === null || response.status === 429 || response.status >= 502
    if (!retryable)
      throw new InvalidInputError(
        'payload-malformed',
        `${receiverUrl}: ${response.status} ${answer}`,
      )
    if (attempt === ATTEMPTS)
      throw new TransientError('log-unavailable', `${receiverUrl}: ${answer}`)
    await clock.sleep(Math.min(100 * 2 ** attempt, LONGEST_PAUSE_MS))
  }
}
