import fc from 'fast-check'
import {
  decodeLogs,
  decodeLogsJson,
  decodeTraces,
  decodeTracesJson,
} from '../../../pipeline/otlp/decode.ts'
import {
  encodeLogs,
  encodeTraces,
  logsToJson,
  tracesToJson,
} from '../../../pipeline/otlp/encode.ts'
import { splitLogs, splitTraces } from '../../../pipeline/receiver/split-by-trace.ts'
import type { Block } from '../../../pipeline/writer/native/block.ts'
import { logBlock } from '../../../pipeline/writer/native/log-block.ts'
import { spanBlock } from '../../../pipeline/writer/native/span-block.ts'
import { InvalidInputError } from '../../../schemas/errors.ts'
import { anyLogs, anyTraces } from '../arbitrary-otlp.ts'
import { JSON_MUTATIONS, jsonBomb } from './mutate-json.ts'
import { emptyBomb, type Mutation, nestingBomb, PROTOBUF_MUTATIONS } from './mutate-protobuf.ts'
import { type Random, randomOf } from './random.ts'

/** A reader of payloads: answers how much it made of one, in objects or bytes. */
interface Path {
  readonly name: string
  /** What it may make of a payload of so many bytes. */
  readonly most: (bytes: number) => number
  readonly read: (payload: Buffer) => number
}

export interface Tally {
  /** Payloads tried, by encoding. */
  payloads: Record<'protobuf' | 'json', number>
  /** Readings that gave something, and that refused the payload. */
  read: number
  refused: number
}

const MOST_RECORD_BYTES = 40 * 1024 * 1024
/** Bases from which payloads are made. */
const BASES = 400
const BOMB_IN = 200
/** Beside what a payload's size allows. */
const ALLOWANCE = 1000

/** Objects, lists and values of a decoded payload: each takes memory. */
const nodesIn = (value: unknown): number => {
  let nodes = 0
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    nodes += 1
    if (typeof next === 'object' && next !== null && !ArrayBuffer.isView(next))
      left.push(...Object.values(next))
  }
  return nodes
}

/** Two bytes make a message of at most 16 fields with their defaults. */
const nodesOf = (bytes: number): number => 12 * bytes + ALLOWANCE
const JSON_NODES = (bytes: number): number => 24 * bytes + ALLOWANCE

const blockPath = (name: string, block: Block, topic: string): Path => ({
  name,
  // Rows repeat their resource: the writer's own bound, and what a block of no rows takes.
  most: (bytes) => Math.min(64 * 1024 * 1024, 120 * bytes * bytes) * 2 + 64 * bytes + 65_536,
  read: (value) => {
    block.clear()
    const record = { topic, partition: 0, offset: 0n, key: null, headers: {}, timestampMs: 0 }
    block.add({ ...record, value })
    return block.chunks().reduce((sum, { byteLength }) => sum + byteLength, 0)
  },
})

const recordBytes = ({ records }: ReturnType<typeof splitTraces>): number =>
  records.reduce((sum, { value }) => sum + value.byteLength, 0)

const PROTOBUF: readonly Path[] = [
  { name: 'decodeTraces', most: nodesOf, read: (bytes) => nodesIn(decodeTraces(bytes)) },
  { name: 'decodeLogs', most: nodesOf, read: (bytes) => nodesIn(decodeLogs(bytes)) },
  {
    name: 'splitTraces',
    most: () => MOST_RECORD_BYTES,
    read: (bytes) => recordBytes(splitTraces(bytes, MOST_RECORD_BYTES)),
  },
  {
    name: 'splitLogs',
    most: () => MOST_RECORD_BYTES,
    read: (bytes) => recordBytes(splitLogs(bytes, MOST_RECORD_BYTES)),
  },
  blockPath('spanBlock', spanBlock(), 'otlp_spans'),
  blockPath('logBlock', logBlock(), 'otlp_logs'),
]
const JSON_PATHS: readonly Path[] = [
  { name: 'decodeTracesJson', most: JSON_NODES, read: (bytes) => nodesIn(decodeTracesJson(bytes)) },
  { name: 'decodeLogsJson', most: JSON_NODES, read: (bytes) => nodesIn(decodeLogsJson(bytes)) },
]

/**
 * Reads payloads that are OTLP but for one to four mutations, on every path, and bombs. Whatever a payload is, a path
 * answers, or says that the sender is at fault, and makes no more of it than its size allows.
 * @throws Error with the seed, the number and the payload where a path does anything else
 */
export const fuzzOtlp = (seed: number, payloads: number): Tally => {
  const tally: Tally = { payloads: { protobuf: 0, json: 0 }, read: 0, refused: 0 }
  const bases = basesOf(seed)
  for (let number = 0; number < payloads; number += 1) {
    // Every payload has a seed of its own: one that fails is made again without those before.
    const random = randomOf(seed + number * 7919)
    const kind = number % 3 === 2 ? 'json' : 'protobuf'
    const payload = payloadOf(kind, bases[kind], random)
    tally.payloads[kind] += 1
    for (const path of kind === 'json' ? JSON_PATHS : PROTOBUF)
      try {
        tryPath(path, payload, tally)
      } catch (cause) {
        const text = payload.subarray(0, 20_000).toString('base64')
        const what = `${path.name}, seed ${seed}, payload ${number}`
        throw new Error(`${what}: ${cause}\n${text}`, { cause })
      }
  }
  return tally
}

const tryPath = (path: Path, payload: Buffer, tally: Tally): void => {
  try {
    const made = path.read(payload)
    tally.read += 1
    if (made > path.most(payload.length)) throw new Error(`${payload.length} bytes became ${made}`)
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    tally.refused += 1
  }
}

const payloadOf = (kind: 'protobuf' | 'json', bases: readonly Buffer[], random: Random): Buffer => {
  if (random.below(BOMB_IN) === 0)
    return kind === 'json' ? jsonBomb(random) : random.of([nestingBomb, emptyBomb])(random)
  const mutations: readonly Mutation[] = kind === 'json' ? JSON_MUTATIONS : PROTOBUF_MUTATIONS
  let payload = random.of(bases)
  for (let left = 1 + random.below(4); left > 0 && payload.length > 0; left -= 1)
    payload = random.of(mutations)(payload, random)
  return payload
}

const basesOf = (seed: number): Readonly<Record<'protobuf' | 'json', readonly Buffer[]>> => {
  const samples = { seed, numRuns: BASES / 2 }
  const traces = fc.sample(anyTraces, samples)
  const logs = fc.sample(anyLogs, samples)
  const json = [...traces.map(tracesToJson), ...logs.map(logsToJson)]
  return {
    protobuf: [...traces.map(encodeTraces), ...logs.map(encodeLogs)].map((one) => Buffer.from(one)),
    json: json.map((one) => Buffer.from(JSON.stringify(one))),
  }
}
