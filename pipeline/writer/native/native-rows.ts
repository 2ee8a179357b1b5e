import type { Column } from './columns.ts'
import type { Growing } from './growing.ts'
import { growingBytes } from './growing.ts'
import { putText } from './put-text.ts'

/** A place in a block to cut it back to. */
export interface Mark {
  readonly set: () => void
  readonly cut: () => void
}

export const markIn = (spaces: readonly Growing[]): Mark => {
  const lengths = new Array<number>(spaces.length).fill(0)
  return {
    set: () => {
      for (let i = 0; i < spaces.length; i += 1) lengths[i] = spaces[i]?.length ?? 0
    },
    cut: () => {
      spaces.forEach((space, i) => {
        space.length = lengths[i] ?? 0
      })
    },
  }
}

/** The columns as one block in the Native format: how many, then each with its name and type. */
export const nativeChunks = (
  columns: Readonly<Record<string, Column>>,
  rows: number,
): readonly Uint8Array[] => {
  const named = Object.entries(columns)
  const chunks = named.flatMap(([name, column]) => [
    textBytes(name),
    textBytes(column.type),
    ...column.prefix,
    ...column.parts(),
  ])
  return [varints(named.length, rows), ...chunks]
}

const textBytes = (text: string): Uint8Array => {
  const space = growingBytes()
  putText(space, text)
  return space.bytes.subarray(0, space.length)
}

const varints = (...values: readonly number[]): Uint8Array => {
  const bytes: number[] = []
  for (let rest of values) {
    for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
    bytes.push(rest)
  }
  return Uint8Array.from(bytes)
}
