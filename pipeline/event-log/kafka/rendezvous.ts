/** Hands items one at a time from one that offers to one that takes. */
export interface Rendezvous<Item> {
  /** Resolves when the taker is done with the item, that is when it takes again, or at `release`. */
  offer(item: Item): Promise<void>
  /** The next item; null after `close`. Throws what `fail` was given. */
  take(): Promise<Item | null>
  /** Nothing more is given out; the item at hand stays at hand. */
  close(): void
  fail(error: Error): void
  /** Every item counts as done from here on. */
  release(): void
}

interface Offered<Item> {
  readonly item: Item
  readonly done: () => void
}

export const openRendezvous = <Item>(): Rendezvous<Item> => {
  const offered: Offered<Item>[] = []
  let atHand: Offered<Item> | null = null
  let ended: { readonly error: Error | null } | null = null
  let isReleased = false
  let wake: () => void = () => undefined

  const end = (error: Error | null): void => {
    ended ??= { error }
    wake()
  }
  const untilChange = (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    wake = resolve
    return promise
  }
  return {
    offer: (item) => {
      if (isReleased) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      offered.push({ item, done: resolve })
      wake()
      return promise
    },
    take: async () => {
      atHand?.done()
      atHand = null
      while (offered.length === 0 && ended === null) await untilChange()
      if (ended?.error) throw ended.error
      atHand = ended === null ? (offered.shift() ?? null) : null
      return atHand?.item ?? null
    },
    close: () => end(null),
    fail: end,
    release: () => {
      isReleased = true
      for (const { done } of offered.splice(0)) done()
      atHand?.done()
    },
  }
}
