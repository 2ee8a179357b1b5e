/** The batch that the consumer works on, from its delivery to the next question or the end. */
export interface BatchAtHand {
  /** `onSilence` is called where the consumer gives no sign for minutes. */
  take(onSilence: () => void): void
  noteSign(): void
  free(): void
  untilFree(): Promise<void>
}

/** The group keeps a member this long without a sign of its consumer (Java's `max.poll.interval.ms`). */
const LONGEST_SILENCE_MS = 300_000

export const openBatchAtHand = (): BatchAtHand => {
  let atHand: { readonly done: PromiseWithResolvers<void>; readonly timer: NodeJS.Timeout } | null =
    null
  return {
    take: (onSilence) => {
      atHand = {
        done: Promise.withResolvers<void>(),
        timer: setTimeout(onSilence, LONGEST_SILENCE_MS),
      }
    },
    noteSign: () => {
      atHand?.timer.refresh()
    },
    free: () => {
      clearTimeout(atHand?.timer)
      atHand?.done.resolve()
      atHand = null
    },
    untilFree: async () => {
      await atHand?.done.promise
    },
  }
}
