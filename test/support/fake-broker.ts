import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** Keys of Kafka's requests, each with the versions that a broker offers. */
export type OfferedApis = Readonly<Record<number, readonly [least: number, most: number]>>

const API_VERSIONS = 18
const UNSUPPORTED_VERSION = 35

/** What Kafka 0.10.0 answers: no headers of records, no idempotent producer. */
export const KAFKA_0_10: OfferedApis = {
  ...{ 0: [0, 2], 1: [0, 2], 2: [0, 0], 3: [0, 1], 8: [0, 2], 9: [0, 1], 10: [0, 0] },
  ...{ 11: [0, 0], 12: [0, 0], 13: [0, 0], 14: [0, 0], 15: [0, 0], 16: [0, 0], 17: [0, 0] },
  18: [0, 0],
}

/** Kafka 2.0: everything but what came later, such as topics by their ids. */
export const KAFKA_2_0: OfferedApis = {
  ...{ 0: [0, 6], 1: [0, 8], 2: [0, 3], 3: [0, 6], 8: [0, 4], 9: [0, 4], 10: [0, 2] },
  ...{ 11: [0, 3], 12: [0, 2], 13: [0, 2], 14: [0, 2], 15: [0, 2], 16: [0, 2], 17: [0, 1] },
  ...{ 18: [0, 2], 19: [0, 3], 20: [0, 2], 22: [0, 1], 32: [0, 2], 36: [0, 0] },
}

/** Kafka 4.0, without the requests of these keys. */
export const kafka40Without = (...keys: readonly number[]): OfferedApis => {
  const all: OfferedApis = {
    ...{ 0: [3, 12], 1: [4, 17], 2: [1, 10], 3: [0, 13], 8: [2, 9], 9: [1, 9], 10: [0, 6] },
    ...{ 11: [0, 9], 12: [0, 4], 13: [0, 5], 14: [0, 5], 15: [0, 6], 16: [0, 5], 17: [0, 1] },
    ...{ 18: [0, 4], 19: [2, 7], 20: [1, 6], 22: [0, 5], 32: [1, 4], 36: [0, 2] },
  }
  return Object.fromEntries(Object.entries(all).filter(([key]) => !keys.includes(Number(key))))
}

/** Answers which requests it knows, as a broker of that version does, and closes the connection at any other request. */
export const startFakeBroker = async (offered: OfferedApis): Promise<string> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let held = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
        const end = 4 + held.readInt32BE(0)
        const answer = answerTo(held.subarray(4, end), offered)
        held = held.subarray(end)
        if (answer === null) socket.destroy()
        else socket.write(answer)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

const answerTo = (request: Buffer, offered: OfferedApis): Buffer | null => {
  const version = request.readInt16BE(2)
  const correlation = request.subarray(4, 8)
  if (request.readInt16BE(0) !== API_VERSIONS) return null
  const most = offered[API_VERSIONS]?.[1] ?? 0
  // As a broker does, a version that is too new is answered in the oldest form, which every client can read.
  const body =
    version > most ? versions(0, UNSUPPORTED_VERSION, offered) : versions(version, 0, offered)
  const answer = Buffer.concat([correlation, body])
  return Buffer.concat([int32(answer.length), answer])
}

const versions = (version: number, error: number, offered: OfferedApis): Buffer => {
  const isCompact = version >= 3
  const entries = Object.entries(offered).map(([key, [least, most]]) =>
    Buffer.concat([...[Number(key), least, most].map(int16), ...(isCompact ? [Buffer.of(0)] : [])]),
  )
  return Buffer.concat([
    int16(error),
    isCompact ? Buffer.of(entries.length + 1) : int32(entries.length),
    ...entries,
    ...(version >= 1 ? [int32(0)] : []),
    ...(isCompact ? [Buffer.of(0)] : []),
  ])
}

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
