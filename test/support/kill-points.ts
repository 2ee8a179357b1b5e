// Preload of a process that is to die at a named point: `node --import FILE …`. The openers of the two engines are
// replaced by wrappers on their way into the process, so that the program itself knows nothing of it.
import { registerHooks } from 'node:module'

const WRAPPERS: readonly (readonly [ending: string, wrapper: string])[] = [
  [
    '/pipeline/event-log/open-event-log.ts',
    new URL('./killing-event-log.ts', import.meta.url).href,
  ],
  [
    '/pipeline/trace-store/open-trace-store.ts',
    new URL('./killing-trace-store.ts', import.meta.url).href,
  ],
]

registerHooks({
  resolve: (specifier, context, next) => {
    const found = next(specifier, context)
    const replaced = WRAPPERS.find(
      ([ending, url]) => found.url.endsWith(ending) && context.parentURL !== url,
    )
    return replaced === undefined ? found : { ...found, url: replaced[1] }
  },
})

/** The clock of the process jumps by up to an hour, both ways, as often as this says. */
const jumpEveryMs = Number(process.env['NEOSIGMA_TEST_CLOCK_JUMPS_MS'] ?? 0)
if (jumpEveryMs > 0) {
  const real = Date.now
  const JUMPS_MS = [0, 3_600_000, -3_600_000, 300_000, 0, -60_000]
  let jumps = 0
  setInterval(() => {
    jumps += 1
  }, jumpEveryMs).unref()
  Date.now = () => real() + (JUMPS_MS[jumps % JUMPS_MS.length] ?? 0)
}
