import { NearestLists, type Neighbourhood } from './nearest-lists.ts'
import type { PairSieve } from './pair-sieve.ts'

/** Entries of the lists of a block; blocks shrink where many neighbours are asked for. */
const MOST_ENTRIES = 32_768
const FIRST_ROWS = 16

/** Calls `visit` for each seeker, in ascending order, with the lists and its place in them. */
export const eachNearest = (
  sieve: PairSieve,
  of: Omit<Neighbourhood, 'scale' | 'slack'>,
  visit: (row: number, lists: NearestLists, list: number) => void,
): void => {
  const { seekers, found } = of
  const fitting = Math.floor(MOST_ENTRIES / NearestLists.room(of) / 4) * 4
  const size = Math.max(4, Math.min(sieve.leftRows, fitting))
  const lists = new NearestLists({ ...of, scale: sieve.scale, slack: sieve.slack }, size)
  const left = new Int32Array(size)
  const right = new Int32Array(sieve.rightRows)
  for (let start = 0; start < seekers.count; start += size) {
    const rows = ascending(left, start, seekers.count)
    sieve.loadLeft(seekers, rows)
    lists.start(rows)
    for (let place = 0; place < rows.length; place++) sieve.limitLeft(place, lists.reach(place))
    for (let from = 0; from < found.count; ) {
      // Few at first: until the lists are full, every row is of interest.
      const others = ascending(
        from === 0 ? right.subarray(0, FIRST_ROWS) : right,
        from,
        found.count,
      )
      sieve.loadRight(found, others)
      for (let strip = 0; 4 * strip < rows.length; strip++) offerPairs(sieve, lists, strip, others)
      from += others.length
    }
    for (let place = 0; place < rows.length; place++) visit(start + place, lists, place)
  }
}

/** Rows from `start` on, as many as there are and fit. */
const ascending = (rows: Int32Array, start: number, end: number): Int32Array => {
  const count = Math.min(rows.length, end - start)
  for (let place = 0; place < count; place++) rows[place] = start + place
  return rows.subarray(0, count)
}

const offerPairs = (
  sieve: PairSieve,
  lists: NearestLists,
  strip: number,
  others: Int32Array,
): void => {
  const pairs = sieve.sift(strip)
  if (pairs === 0) return
  for (let pair = 0; pair < pairs; pair++) {
    const place = sieve.places[4 * pair] as number
    const list = 4 * strip + (place & 3)
    const right = place >> 2
    const isLoose = sieve.leftWild[list] === 1 || sieve.rightWild[right] === 1
    const fine = Math.sqrt(sieve.squares[2 * pair + 1] as number)
    lists.offer(list, others[right] as number, fine, isLoose)
  }
  for (let list = 4 * strip; list < 4 * strip + 4; list++) sieve.limitLeft(list, lists.reach(list))
}
