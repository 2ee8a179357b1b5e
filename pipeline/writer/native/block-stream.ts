import { InvalidInputError } from '../../../schemas/errors.ts'
import type { StoredRecord } from '../../event-log/event-log.ts'
import type { AddedRows, Block } from './block.ts'

/** A record that can never be stored, and why. */
export interface Poison {
  readonly record: StoredRecord
  readonly error: InvalidInputError
}

/** What has gone into a stream so far. */
export interface Streamed {
  /** Records read, from the first on. */
  records: number
  rows: number
  /** Those among the records that are no OTLP. */
  readonly poison: Poison[]
  /** Rows that were left out, by reason. */
  readonly diverted: Map<string, number>
}

interface BlockStream {
  /** Blocks of the Native format one after another, each in one piece; drawn once. */
  readonly blocks: Iterator<Uint8Array, undefined>
  readonly streamed: Streamed
  /**
   * For an insert that failed: whoever still draws meets an error, because a body that merely ended would be taken for
   * the whole, and what is still on its way keeps its memory.
   */
  abandon(): void
}

/** How the rows of records are streamed: the memory of the block and of its pieces is used again and again. */
export interface Streamer {
  readonly columns: readonly string[]
  /** The rows of the records; a piece stays as it is until two more have been drawn. One stream at a time. */
  open(records: readonly StoredRecord[]): BlockStream
}

/**
 * What a block holds before it is sent: about 10 ms of work, after which the event loop gets its turn, and little memory
 * beside the records.
 */
const BLOCK_BYTES = 2 * 1024 * 1024
/** Then a stream ends before its records do: a few that become very many rows must not make an insert of gigabytes. */
const STREAM_BYTES = 128 * 1024 * 1024
const PIECES = 3
/** One huge record must not hold memory for good. */
const KEPT_BYTES = 8 * 1024 * 1024

export const blockStreamer = (block: Block): Streamer => {
  let onePiece = pieces()
  function* blocksOf(
    records: readonly StoredRecord[],
    streamed: Streamed,
    abandoned: AbortSignal,
  ): Blocks {
    let [all, held] = [0, 0]
    block.clear()
    for (const record of records) {
      if (all > STREAM_BYTES) break
      const added = add(block, record)
      streamed.records += 1
      if ('error' in added) streamed.poison.push(added)
      else {
        note(streamed, added)
        all += added.bytes
        held += added.bytes
      }
      if (held < BLOCK_BYTES) continue
      if (block.rowCount > 0) yield onePiece(block.chunks())
      abandoned.throwIfAborted()
      block.clear()
      held = 0
    }
    if (block.rowCount > 0) yield onePiece(block.chunks())
    abandoned.throwIfAborted()
    block.clear()
  }
  return {
    columns: block.columns,
    open: (records) => {
      const streamed = { records: 0, rows: 0, poison: [], diverted: new Map() }
      const ending = new AbortController()
      return {
        blocks: blocksOf(records, streamed, ending.signal),
        streamed,
        abandon: () => {
          ending.abort()
          onePiece = pieces()
        },
      }
    },
  }
}

type Blocks = Generator<Uint8Array, undefined, undefined>

const add = (block: Block, record: StoredRecord): AddedRows | Poison => {
  try {
    return block.add(record)
  } catch (error) {
    if (error instanceof InvalidInputError) return { record, error }
    throw error
  }
}

const note = (streamed: Streamed, { rows, diverted }: AddedRows): void => {
  streamed.rows += rows
  for (const [reason, count] of diverted)
    streamed.diverted.set(reason, (streamed.diverted.get(reason) ?? 0) + count)
}

/** Puts chunks together in buffers that take turns. */
const pieces = (): ((chunks: readonly Uint8Array[]) => Uint8Array) => {
  const buffers: Buffer[] = Array.from({ length: PIECES }, () => Buffer.alloc(0))
  let turn = 0
  return (chunks) => {
    turn = (turn + 1) % PIECES
    const length = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
    const kept = buffers[turn]
    const fits = kept !== undefined && kept.length >= length && kept.length <= KEPT_BYTES
    // A little more than needed: the blocks are about equal, and the next of this turn shall fit as well.
    const buffer = fits ? kept : Buffer.allocUnsafeSlow(Math.ceil(length * 1.25))
    buffers[turn] = buffer
    let end = 0
    for (const chunk of chunks) {
      buffer.set(chunk, end)
      end += chunk.byteLength
    }
    return buffer.subarray(0, length)
  }
}
