export interface Batch<Item> {
  add(item: Item): void
  /** Hands over what is there, before it returns: an exiting process has no later. */
  flush(): void
}

export interface BatchOptions<Item> {
  readonly everyMs: number
  readonly maxItems: number
  readonly handOver: (items: readonly Item[]) => void
}

/**
 * Collects items and hands them over when there are enough or time has passed. The processors of the OTel SDK wait for
 * the end of an export with a timer that holds the process, and cannot be emptied synchronously.
 */
export const openBatch = <Item>({
  everyMs,
  maxItems,
  handOver,
}: BatchOptions<Item>): Batch<Item> => {
  let items: Item[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (items.length === 0) return
    const batch = items
    items = []
    try {
      handOver(batch)
    } catch {
      // Telemetry never disturbs its host: what cannot be written is lost.
    }
  }
  return {
    add: (item) => {
      items.push(item)
      if (items.length >= maxItems) return flush()
      timer ??= setTimeout(flush, everyMs).unref()
    },
    flush,
  }
}
