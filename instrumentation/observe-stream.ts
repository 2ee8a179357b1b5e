/** What an iterator of a model's stream gave, handed on to an observer that reads at its own pace. */
interface Feed {
  push(chunk: unknown): void
  close(): void
  read(): AsyncIterableIterator<unknown>
}

/** The part of `openai`'s Stream that its users iterate; an own property in every major from 4 on. */
interface ModelStream {
  iterator: () => AsyncIterator<unknown>
}

/**
 * Lets the host iterate its stream as before and returns a second one that repeats the chunks. What reads the second
 * stream can neither fail nor delay the first. Null for what is no stream.
 */
export const observeStream = (
  stream: unknown,
  onError: (error: unknown) => void,
): (ModelStream & AsyncIterable<unknown>) | null => {
  if (!isModelStream(stream)) return null
  const feed = openFeed()
  const original = stream.iterator
  stream.iterator = () => tapped(original.call(stream), feed, onError)
  return {
    iterator: () => feed.read(),
    // Through `iterator`, as openai's own does: whichever of the two is wrapped, the reader passes it.
    [Symbol.asyncIterator]() {
      return this.iterator()
    },
  }
}

const isModelStream = (value: unknown): value is ModelStream =>
  value !== null &&
  typeof value === 'object' &&
  'iterator' in value &&
  typeof value.iterator === 'function'

/** The same iterator with the same timing; each outcome is told to the feed before the host sees it. */
const tapped = (
  source: AsyncIterator<unknown>,
  feed: Feed,
  onError: (error: unknown) => void,
): AsyncIterableIterator<unknown> => {
  const next = async (): Promise<IteratorResult<unknown>> => {
    try {
      const step = await source.next()
      if (step.done === true) feed.close()
      else feed.push(step.value)
      return step
    } catch (error) {
      onError(error)
      feed.close()
      throw error
    }
  }
  return {
    next,
    return: async (value) => {
      feed.close()
      return (await source.return?.(value)) ?? { done: true, value }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

const openFeed = (): Feed => {
  const chunks: unknown[] = []
  let closed = false
  let wake = (): void => {}
  const next = async (): Promise<IteratorResult<unknown>> => {
    while (chunks.length === 0 && !closed)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    return chunks.length === 0
      ? { done: true, value: undefined }
      : { done: false, value: chunks.shift() }
  }
  return {
    push: (chunk) => {
      chunks.push(chunk)
      wake()
    },
    close: () => {
      closed = true
      wake()
    },
    read: () => ({
      next,
      [Symbol.asyncIterator]() {
        return this
      },
    }),
  }
}
