import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Which numbers are acknowledged. It is a file, so that a delivery test that was broken off goes on. */
export interface Ledger {
  /** The next number that is neither acknowledged nor under way. */
  next(): number
  acknowledged(n: number, unsure: number): void
  /** A number was left under way; so many log records of it may be stored, and come again. */
  abandoned(unsure: number): void
  /** Nothing is under way. */
  close(): void
  /** All numbers that were acknowledged, and how many log records may be stored twice because of a lost answer. */
  all(): { readonly numbers: readonly number[]; readonly unsure: number }
}

export const openLedger = (folder: string, senders: number): Ledger => {
  const file = join(folder, 'acknowledged.txt')
  const numbers = new Set<number>()
  let unsure = 0
  if (existsSync(file)) {
    const text = readFileSync(file, 'utf8')
    for (const [, n, lost] of text.matchAll(/^(\d+) (\d+)$/gm)) {
      numbers.add(Number(n))
      unsure += Number(lost)
    }
    for (const [, lost] of text.matchAll(/^abandoned (\d+)$/gm)) unsure += Number(lost)
    // What was under way wherever the test itself was killed.
    unsure += senders * Math.max(0, count(text, /^opened$/gm) - count(text, /^closed$/gm))
  }
  appendFileSync(file, 'opened\n')
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
    abandoned: (lost) => appendFileSync(file, `abandoned ${lost}\n`),
    close: () => appendFileSync(file, 'closed\n'),
    all: () => ({ numbers: [...numbers].sort((a, b) => a - b), unsure }),
  }
}

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length
