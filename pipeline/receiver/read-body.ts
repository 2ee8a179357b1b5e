import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip, createInflate } from 'node:zlib'
import { InvalidInputError } from '../../schemas/errors.ts'
import type { ByteLease } from './byte-budget.ts'

/** What a refused sender may still send before its connection is cut: most read the answer only after their last byte. */
const DISCARDED_BYTES = 64 * 1024 * 1024

const tooLarge = (limit: number): InvalidInputError =>
  new InvalidInputError('payload-too-large', `the body is larger than ${limit} bytes`)

/** Lets the rest of a refused body pass without keeping it; resolves when nothing more comes. */
export const discardBody = (request: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    let discarded = 0
    request.on('data', (chunk: Buffer) => {
      discarded += chunk.length
      if (discarded > DISCARDED_BYTES) request.destroy()
    })
    request.once('end', resolve)
    request.once('close', resolve)
    request.resume()
  })

const decompressed = (request: IncomingMessage): Readable => {
  const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase()
  switch (encoding) {
    case '':
    case 'identity':
      return request
    case 'gzip':
      return request.pipe(createGunzip())
    case 'deflate':
      return request.pipe(createInflate())
    default:
      throw new InvalidInputError('content-type-unsupported', `content-encoding ${encoding}`)
  }
}

/**
 * The body, decompressed; at most `limit` bytes both on the wire and after decompression, every one taken from the
 * lease before it is kept. After a failure nothing more is kept; the caller discards the rest.
 * @throws InvalidInputError, TransientError
 */
export const readBody = async (
  request: IncomingMessage,
  limit: number,
  lease: ByteLease,
): Promise<Buffer> => {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
  const source = decompressed(request)
  const chunks: Buffer[] = []
  let received = 0
  let kept = 0
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      request.off('data', countReceived)
      source.off('data', keep)
      if (source !== request) {
        request.unpipe()
        source.destroy()
      }
      reject(error)
    }
    const countReceived = (chunk: Buffer): void => {
      received += chunk.length
      if (received > limit) fail(tooLarge(limit))
    }
    const keep = (chunk: Buffer): void => {
      try {
        kept += chunk.length
        if (kept > limit) throw tooLarge(limit)
        lease.take(chunk.length)
        chunks.push(chunk)
      } catch (error) {
        fail(error)
      }
    }
    const broken = (problem: string): void =>
      fail(new InvalidInputError('payload-malformed', problem))
    request.on('data', countReceived)
    source.on('data', keep)
    source.once('end', () => resolve(Buffer.concat(chunks, kept)))
    source.once('error', (error) => broken(`the body does not decompress: ${error.message}`))
    request.once('close', () => {
      if (!request.complete) broken('the body ended early')
    })
  })
}
