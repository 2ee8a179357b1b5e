import { once } from 'node:events'

/** Whoever read the answer has seen enough (`neosigma runs | head`): no error, but nothing more is to be done. */
export class ReaderGone extends Error {}

let isReaderGone = false

/** Writes to standard output and waits where its reader is slower. @throws ReaderGone */
export const print = async (text: string): Promise<void> => {
  if (isReaderGone) throw new ReaderGone()
  if (process.stdout.write(text)) return
  try {
    await once(process.stdout, 'drain')
  } catch (error) {
    if (isReaderGone) throw new ReaderGone()
    throw error
  }
}

/** What is said beside the answer. */
export const tell = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

/** JSON whose texts cannot control a terminal: what JSON itself leaves as it is, is escaped too. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** One JSON array, an item a line, written as the items come. */
export const printJsonArray = async (items: AsyncIterable<unknown>): Promise<void> => {
  let separator = '['
  for await (const item of items) {
    await print(`${separator}${jsonText(item)}`)
    separator = ',\n'
  }
  await print(separator === '[' ? '[]\n' : ']\n')
}

/** Closed pipes are noted instead of ending the process in the middle of what it has open. */
export const watchReaders = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    isReaderGone = true
  })
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
