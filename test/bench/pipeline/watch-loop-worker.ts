// Loaded into a writer that is measured: how long its event loop was kept from its turn. Written where WATCH_LOOP says, at the end.
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 5
const NS_PER_MS = 1e6
const file = process.env['WATCH_LOOP']
if (file !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  process.once('exit', () => {
    // What the timer waits by itself is no delay.
    const msAt = (percentile: number): number =>
      Math.max(0, Math.round(delays.percentile(percentile) / NS_PER_MS - RESOLUTION_MS))
    writeFileSync(file, JSON.stringify({ p50: msAt(50), p99: msAt(99), max: msAt(100) }))
  })
}
