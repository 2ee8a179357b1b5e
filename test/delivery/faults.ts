import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The faults so far, as they are told, in a file beside the deaths. */
export interface Faults {
  readonly all: readonly string[]
  add(said: string): void
}

export const openFaults = (folder: string): Faults => {
  const file = join(folder, 'faults.jsonl')
  const all: string[] = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('"'))
        .map((line) => JSON.parse(line) as string)
    : []
  return {
    all,
    add: (said) => {
      all.push(said)
      appendFileSync(file, `${JSON.stringify(said)}\n`)
    },
  }
}
