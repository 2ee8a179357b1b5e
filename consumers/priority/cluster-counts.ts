import { HOUR_MS, SCORE_UNITS } from './failure-window.ts'
import type { RowHeap } from './row-heap.ts'

/** The failures of one cluster and one task type. */
export interface ClusterCell {
  readonly number: number
  readonly agent: string
  readonly taskType: string | null
  readonly cluster: ClusterCounts
  /** Those that count, newest first. */
  readonly rows: RowHeap
  scoreUnits: number
  /** Rows that count and rows that wait to be dropped. */
  held: number
  /** Under which it stands in the ranking of its task type; null where it does not. */
  key: number | null
}

/** What is counted of a cluster; all of it can be taken back exactly. */
export interface ClusterCounts {
  /** '' is noise, which is never ranked. */
  readonly id: string
  /** Names the cluster among the pairs of users and sessions. */
  readonly number: number
  readonly cells: Map<string | null, ClusterCell>
  count: number
  scoreUnits: number
  users: number
  sessions: number
  readonly hours: HourCounts
  /** Under which it stands in the ranking; null where it does not. */
  key: number | null
}

/** Noise has no name, and ids that begin with ~ are of failures that wait: neither is ranked. */
export const isRanked = (id: string): boolean => id !== '' && !id.startsWith('~')

export const unitsOf = (score: number): number => Math.floor(score * SCORE_UNITS + 0.5)

/** Failures per hour for the last two days, each hour in the slot of its number modulo 48: hours first, then counts. */
export type HourCounts = Int32Array

const HOURS = 48
const DAY = 24

export const hourCounts = (): HourCounts => new Int32Array(2 * HOURS)

/** `by` is 1 or −1. What is older than what a slot now stands for has left it before. */
export const countHour = (hours: HourCounts, atMs: number, by: 1 | -1): void => {
  const now = Math.floor(atMs / HOUR_MS)
  const slot = now % HOURS
  const known = hours[slot] as number
  if (known > now) return
  if (known < now) {
    hours[slot] = now
    hours[HOURS + slot] = 0
  }
  hours[HOURS + slot] = (hours[HOURS + slot] as number) + by
}

/**
 * How much more failures came in the last day than in the day before: log2((a + ½) / (b + ½)) in whole hours, the one
 * at hand included. 0 is steady, 1 is twice as many, −1 half as many.
 */
export const trendOf = (hours: HourCounts, asOfMs: number): number => {
  const now = Math.floor(asOfMs / HOUR_MS)
  let last = 0
  let before = 0
  for (let slot = 0; slot < HOURS; slot++) {
    const age = now - (hours[slot] as number)
    const count = hours[HOURS + slot] as number
    if (age < DAY) last += count
    else if (age < HOURS) before += count
  }
  return Math.log2((last + 0.5) / (before + 0.5))
}
