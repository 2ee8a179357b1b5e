/** The end of a session, which whoever waits for something meets too. */
export interface End {
  reach(): void
  /**
   * What the work brings, or null at the end. A `Promise.race` with one promise of the whole session would keep what each
   * of its rounds has brought until the end: a promise does not forget who waited for it.
   */
  unless<Result>(work: Promise<Result>): Promise<Result | null>
}

export const openEnd = (): End => {
  const waiting = new Set<() => void>()
  let isReached = false
  return {
    reach: () => {
      isReached = true
      for (const giveUp of waiting) giveUp()
      waiting.clear()
    },
    unless: <Result>(work: Promise<Result>) => {
      const { promise, resolve, reject } = Promise.withResolvers<Result | null>()
      const giveUp = (): void => resolve(null)
      if (isReached) giveUp()
      else waiting.add(giveUp)
      const met = work.then(resolve, reject)
      void met.then(() => waiting.delete(giveUp))
      return promise
    },
  }
}
