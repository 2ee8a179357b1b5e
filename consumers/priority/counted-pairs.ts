/** How often each pair of a group and a name was added. Names are numbers: see `nameNumber`. */
export interface CountedPairs {
  /** True where the pair is new. */
  readonly add: (group: number, name: number) => boolean
  /** True where it was the last of its kind. */
  readonly remove: (group: number, name: number) => boolean
}

const FIRST_SLOTS = 64

interface Slots {
  readonly names: Float64Array
  readonly groups: Int32Array
  /** 0 is free. */
  readonly counts: Int32Array
}

const slotsOf = (count: number): Slots => ({
  names: new Float64Array(count),
  groups: new Int32Array(count),
  counts: new Int32Array(count),
})

/**
 * Open addressing with linear probing in typed arrays: 16 bytes a slot, at most seven tenths of them taken. Removing
 * closes the gap, so that no slot is ever spent on what is gone.
 */
export const countedPairs = (): CountedPairs => {
  let slots = slotsOf(FIRST_SLOTS)
  let taken = 0
  const grow = (): void => {
    const old = slots
    slots = slotsOf(old.counts.length * 2)
    for (let slot = 0; slot < old.counts.length; slot++) {
      const count = old.counts[slot] as number
      if (count === 0) continue
      const to = find(slots, old.groups[slot] as number, old.names[slot] as number)
      write(slots, to, old, slot)
    }
  }
  return {
    add: (group, name) => {
      if ((taken + 1) * 10 > slots.counts.length * 7) grow()
      const slot = find(slots, group, name)
      const count = slots.counts[slot] as number
      slots.counts[slot] = count + 1
      if (count > 0) return false
      slots.groups[slot] = group
      slots.names[slot] = name
      taken++
      return true
    },
    remove: (group, name) => {
      const slot = find(slots, group, name)
      const count = slots.counts[slot] as number
      if (count !== 1) {
        if (count > 0) slots.counts[slot] = count - 1
        return false
      }
      taken--
      closeGap(slots, slot)
      return true
    },
  }
}

const write = (to: Slots, slot: number, from: Slots, at: number): void => {
  to.names[slot] = from.names[at] as number
  to.groups[slot] = from.groups[at] as number
  to.counts[slot] = from.counts[at] as number
}

const homeOf = ({ counts }: Slots, group: number, name: number): number => {
  const high = Math.floor(name / 2 ** 32)
  let hash = Math.imul(group + 0x9e37, 0x85ebca6b) ^ (name >>> 0) ^ Math.imul(high, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d)
  return ((hash ^ (hash >>> 15)) >>> 0) & (counts.length - 1)
}

/** The slot of a pair, or the free one where it belongs. */
const find = (slots: Slots, group: number, name: number): number => {
  const { counts, groups, names } = slots
  let slot = homeOf(slots, group, name)
  while (counts[slot] !== 0 && (groups[slot] !== group || names[slot] !== name))
    slot = (slot + 1) & (counts.length - 1)
  return slot
}

/** Moves later pairs up that could not be found over a gap. */
const closeGap = (slots: Slots, gap: number): void => {
  const { counts, groups, names } = slots
  const mask = counts.length - 1
  let free = gap
  for (let slot = (gap + 1) & mask; counts[slot] !== 0; slot = (slot + 1) & mask) {
    const home = homeOf(slots, groups[slot] as number, names[slot] as number)
    if (((slot - home) & mask) < ((slot - free) & mask)) continue
    write(slots, free, slots, slot)
    free = slot
  }
  counts[free] = 0
}
