import { ID_WORDS, idWords } from './trace-id-words.ts'

/** Which row a trace has. */
export interface TraceRows {
  /** −1 where it has none. */
  readonly rowOf: (traceId: string) => number
  /** Puts down a row whose id is already in its column. */
  readonly add: (row: number) => void
  readonly remove: (row: number) => void
}

const FIRST_SLOTS = 64
const words = new Uint32Array(ID_WORDS)

/** Open addressing over the ids in their column: 4 bytes a slot, at most seven tenths of them taken. */
export const traceRows = (ids: () => Uint32Array): TraceRows => {
  /** Row + 1; 0 is free. */
  let slots = new Int32Array(FIRST_SLOTS)
  let taken = 0
  const homeOf = (id: Uint32Array, at: number): number => {
    let hash = (id[at] as number) ^ Math.imul(id[at + 1] as number, 0x85ebca6b)
    hash ^=
      Math.imul(id[at + 2] as number, 0xc2b2ae35) ^ Math.imul(id[at + 3] as number, 0x27d4eb2f)
    hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d)
    return ((hash ^ (hash >>> 15)) >>> 0) & (slots.length - 1)
  }
  const slotOf = (id: Uint32Array, at: number): number => {
    const column = ids()
    let slot = homeOf(id, at)
    while (slots[slot] !== 0 && !isSame(column, ((slots[slot] as number) - 1) * ID_WORDS, id, at))
      slot = (slot + 1) & (slots.length - 1)
    return slot
  }
  const grow = (): void => {
    const old = slots
    slots = new Int32Array(old.length * 2)
    for (const entry of old) if (entry !== 0) slots[slotOf(ids(), (entry - 1) * ID_WORDS)] = entry
  }
  return {
    rowOf: (traceId) => {
      idWords(traceId, words, 0)
      return (slots[slotOf(words, 0)] as number) - 1
    },
    add: (row) => {
      if ((taken + 1) * 10 > slots.length * 7) grow()
      slots[slotOf(ids(), row * ID_WORDS)] = row + 1
      taken++
    },
    remove: (row) => {
      const mask = slots.length - 1
      let free = slotOf(ids(), row * ID_WORDS)
      taken--
      for (let slot = (free + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
        const home = homeOf(ids(), ((slots[slot] as number) - 1) * ID_WORDS)
        if (((slot - home) & mask) < ((slot - free) & mask)) continue
        slots[free] = slots[slot] as number
        free = slot
      }
      slots[free] = 0
    },
  }
}

const isSame = (a: Uint32Array, i: number, b: Uint32Array, j: number): boolean =>
  a[i] === b[j] && a[i + 1] === b[j + 1] && a[i + 2] === b[j + 2] && a[i + 3] === b[j + 3]
