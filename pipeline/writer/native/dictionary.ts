import { isUtf8 } from 'node:buffer'
import { randomInt } from 'node:crypto'
import { bytesOf, clear, type GrowingBytes, growingBytes } from './growing.ts'
import { putUtf8 } from './put-text.ts'

/**
 * The different texts of a `LowCardinality(String)` column, or of the keys of a map column, in the order of their first
 * appearance; the first is the empty one. Rows hold their numbers.
 */
export interface Dictionary {
  readonly count: number
  /** The number of a text on the wire. Invalid UTF-8 counts as the text that it becomes. */
  indexOf(source: Buffer, from: number, length: number): number
  indexOfText(text: string): number
  textOf(index: number): string
  /** All texts as a String column. */
  bytes(): Uint8Array
  clear(): void
}

const FIRST_SLOTS = 256
/** Of FNV-1a. The seed differs by process, so that nobody can prepare texts that all meet in one slot. */
const PRIME = 0x01000193
const SEED = randomInt(2 ** 32)

const hashOf = (source: Buffer, from: number, length: number): number => {
  let hash = SEED
  for (let i = from; i < from + length; i += 1) hash = Math.imul(hash ^ (source[i] ?? 0), PRIME)
  return (hash ^ (hash >>> 15)) >>> 0
}

export const dictionary = (): Dictionary => new HashedDictionary()

class HashedDictionary implements Dictionary {
  #count = 0
  readonly #texts: GrowingBytes = growingBytes()
  /** Where each text lies within `#texts`. */
  #starts = new Uint32Array(FIRST_SLOTS)
  #lengths = new Uint32Array(FIRST_SLOTS)
  /** Open addressing: number + 1, or 0 where nothing is. */
  #slots = new Uint32Array(FIRST_SLOTS)
  /** What came after each text the last time: spans of a kind have the same attributes in the same order. */
  #followers = new Uint32Array(FIRST_SLOTS)
  #last = 0

  constructor() {
    this.indexOfText('')
  }

  get count(): number {
    return this.#count
  }

  indexOf(source: Buffer, from: number, length: number): number {
    const expected = this.#followers[this.#last] ?? 0
    if (this.#isText(expected, source, from, length)) {
      this.#last = expected
      return expected
    }
    const index = this.#find(source, from, length)
    this.#followers[this.#last] = index
    this.#last = index
    return index
  }

  indexOfText(text: string): number {
    const source = Buffer.from(text)
    return this.#find(source, 0, source.length)
  }

  textOf(index: number): string {
    const start = this.#starts[index] ?? 0
    return this.#texts.bytes.toString('utf8', start, start + (this.#lengths[index] ?? 0))
  }

  bytes(): Uint8Array {
    return bytesOf(this.#texts)
  }

  clear(): void {
    clear(this.#texts)
    if (this.#slots.length > FIRST_SLOTS) this.#resize(FIRST_SLOTS)
    this.#slots.fill(0)
    this.#followers.fill(0)
    this.#count = 0
    this.#last = 0
    this.indexOfText('')
  }

  #find(source: Buffer, from: number, length: number): number {
    const mask = this.#slots.length - 1
    let slot = hashOf(source, from, length) & mask
    for (let held = this.#slots[slot] ?? 0; held !== 0; held = this.#slots[slot] ?? 0) {
      if (this.#isText(held - 1, source, from, length)) return held - 1
      slot = (slot + 1) & mask
    }
    if (isUtf8(source.subarray(from, from + length))) return this.#add(slot, source, from, length)
    return this.indexOfText(source.toString('utf8', from, from + length))
  }

  #isText(index: number, source: Buffer, from: number, length: number): boolean {
    if (index >= this.#count || this.#lengths[index] !== length) return false
    const { bytes } = this.#texts
    const start = this.#starts[index] ?? 0
    for (let i = 0; i < length; i += 1) {
      if (bytes[start + i] !== source[from + i]) return false
    }
    return true
  }

  #add(slot: number, source: Buffer, from: number, length: number): number {
    const index = this.#count
    putUtf8(this.#texts, source, from, length)
    this.#starts[index] = this.#texts.length - length
    this.#lengths[index] = length
    this.#slots[slot] = index + 1
    this.#count += 1
    if (this.#count * 2 > this.#slots.length) this.#resize(this.#slots.length * 2)
    return index
  }

  #resize(size: number): void {
    const kept = Math.min(this.#count, size)
    const copied = (numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
      const larger = new Uint32Array(size)
      larger.set(numbers.subarray(0, kept))
      return larger
    }
    this.#starts = copied(this.#starts)
    this.#lengths = copied(this.#lengths)
    this.#followers = copied(this.#followers)
    this.#slots = new Uint32Array(size)
    for (let index = 0; index < kept; index += 1) {
      const start = this.#starts[index] ?? 0
      let slot = hashOf(this.#texts.bytes, start, this.#lengths[index] ?? 0) & (size - 1)
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (size - 1)
      this.#slots[slot] = index + 1
    }
  }
}
