import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Kill, KilledRole } from './kill-points.ts'
import type { Fallen } from './victim.ts'

/** One death as it is kept and told. */
export interface Death {
  readonly number: number
  readonly role: KilledRole | 'all'
  readonly place: string
  readonly between: boolean
  readonly how: Fallen['how']
  readonly clockJumps: boolean
}

/** The deaths so far, in a file, so that a test that was broken off goes on. */
export interface Deaths {
  readonly all: readonly Death[]
  isDone(number: number): boolean
  add(death: Death): void
}

export const openDeaths = (folder: string): Deaths => {
  const file = join(folder, 'deaths.jsonl')
  const all: Death[] = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as Death)
    : []
  return {
    all,
    isDone: (number) => all.some((death) => death.number === number),
    add: (death) => {
      all.push(death)
      appendFileSync(file, `${JSON.stringify(death)}\n`)
    },
  }
}

/** A process that did not come to its point in time died somewhere; whether records waited then is looked up. */
export const deathOf = (
  { number, point, clockJumps }: Kill,
  { how }: Fallen,
  { role, waiting }: { readonly role: Death['role']; readonly waiting: boolean },
): Death => {
  const common = { number, role, how, clockJumps }
  if (how === 'point') return { ...common, place: point.place, between: point.between }
  const place = waiting ? 'any moment, records waiting' : 'any moment, nothing waiting'
  return { ...common, place, between: waiting }
}
