import type { Fetched } from './fetch-records.ts'

/** How many bytes are asked for, so that what they become has about one size however well it was compressed. */
export interface FetchSize {
  readonly bytes: number
  note(fetched: readonly Fetched[]): void
}

/** What a fetch shall hold when it is read. */
const READ_BYTES = 30 * 1024 * 1024
const FIRST_BYTES = 8 * 1024 * 1024
const MOST_BYTES = 16 * 1024 * 1024
const LEAST_BYTES = 1024 * 1024
/** Less says nothing of what a backlog will be. */
const TELLING_BYTES = 512 * 1024

export const fetchSize = (): FetchSize => {
  let bytes = FIRST_BYTES
  return {
    get bytes() {
      return bytes
    },
    note: (fetched) => {
      const sent = fetched.reduce((sum, { wireBytes }) => sum + wireBytes, 0)
      if (sent < TELLING_BYTES) return
      const ratio = readBytes(fetched) / sent
      bytes = Math.round(Math.min(Math.max(READ_BYTES / ratio, LEAST_BYTES), MOST_BYTES))
    },
  }
}

const readBytes = (fetched: readonly Fetched[]): number =>
  fetched.flatMap(({ records }) => records).reduce((sum, { value }) => sum + value.byteLength, 0)
