import { type GrowingWords, putLong } from './growing.ts'

const LOW_BYTES = 4
const BEYOND = 0x80000000
const WORD = 2 ** 32

/** Two halves of a fixed64 on the wire. */
export interface Nanos {
  low: number
  high: number
}

export const readNanos = (nanos: Nanos, view: DataView, place: number): void => {
  nanos.low = view.getUint32(place, true)
  nanos.high = view.getUint32(place + LOW_BYTES, true)
}

/** Nanoseconds since 1970 as DateTime64(9), whose last is in April 2262; OTLP's 64 unsigned bits go on to 2554. */
export const putTime = (words: GrowingWords, { low, high }: Nanos): void => {
  if (high >= BEYOND) putLong(words, WORD - 1, BEYOND - 1)
  else putLong(words, low, high)
}

/** A span that ends before it begins, or never said when, took no time. */
export const putDuration = (words: GrowingWords, start: Nanos, end: Nanos): void => {
  const isLater = end.high > start.high || (end.high === start.high && end.low > start.low)
  if (!isLater) {
    putLong(words, 0, 0)
    return
  }
  const borrow = end.low < start.low ? 1 : 0
  putLong(words, end.low - start.low + borrow * WORD, end.high - start.high - borrow)
}
