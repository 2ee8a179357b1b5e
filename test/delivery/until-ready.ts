import { setTimeout as pause } from 'node:timers/promises'

const PATIENCE_MS = 120_000
const ASK_EVERY_MS = 100

/** Resolves when the process behind the address answers that it is ready, or when nobody waits for that any more. */
export const untilReady = async (
  url: string,
  isOver: () => boolean = () => false,
): Promise<void> => {
  const untilMs = performance.now() + PATIENCE_MS
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => null)
    if (answer?.ok === true || isOver()) return
    if (performance.now() > untilMs) throw new Error(`${url} is not ready: ${await answer?.text()}`)
    await pause(ASK_EVERY_MS)
  }
}
