import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Which numbers are acknowledged. It is a file, so that a delivery test that was broken off goes on. */
export interface Ledger {
  /** The next number that is neither acknowledged nor under way. */
  next(): number
  acknowledged(n: number, unsure: number): void
  /** All numbers that were acknowledged, and how many log records may be stored twice because of a lost answer. */
  all(): { readonly numbers: readonly number[]; readonly unsure: number }
}

export const openLedger = (folder: string, senders: number): Ledger => {
  const file = join(folder, 'acknowledged.txt')
  const numbers = new Set<number>()
  let unsure = 0
  if (existsSync(file)) {
    for (const [, n, lost] of readFileSync(file, 'utf8').matchAll(/^(\d+) (\d+)$/gm)) {
      numbers.add(Number(n))
      unsure += Number(lost)
    }
    // What was under way when the test was broken off.
    unsure += senders
  }
  let last = -1
  return {
    next: () => {
      do last += 1
      while (numbers.has(last))
      return last
    },
    acknowledged: (n, lost) => {
      numbers.add(n)
      unsure += lost
      appendFileSync(file, `${n} ${lost}\n`)
    },
    all: () => ({ numbers: [...numbers].sort((a, b) => a - b), unsure }),
  }
}
