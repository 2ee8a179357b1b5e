import { once } from 'node:events'

/** Writes to standard output and waits where its reader is slower. */
export const print = async (text: string): Promise<void> => {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** What is said beside the answer. */
export const tell = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

/** One JSON array, an item a line, written as the items come. */
export const printJsonArray = async (items: AsyncIterable<unknown>): Promise<void> => {
  let separator = '['
  for await (const item of items) {
    await print(`${separator}${JSON.stringify(item)}`)
    separator = ',\n'
  }
  await print(separator === '[' ? '[]\n' : ']\n')
}

/** A reader that has seen enough (`neosigma runs | head`) is no error. */
export const endWithReader = (): void => {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0)
      throw error
    })
}
