import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const PRELOAD = new URL('../support/kill-points.ts', import.meta.url).href
const HOUR_MS = 3_600_000
/** Says how far the clock is from the one that only goes forward, again and again for some steps of the jumps. */
const WATCH = `
const [wall, steady] = [Date.now(), performance.now()]
const seen = []
const timer = setInterval(() => {
  seen.push(Math.round((Date.now() - wall - (performance.now() - steady)) / 60000))
  if (seen.length < 60) return
  clearInterval(timer)
  process.stdout.write(JSON.stringify([...new Set(seen)]))
}, 10)`

test('the clock of a process whose clock is to jump goes an hour ahead and an hour back', () => {
  const said = execFileSync(process.execPath, ['--import', PRELOAD, '--eval', WATCH], {
    env: { PATH: process.env['PATH'] ?? '', NEOSIGMA_TEST_CLOCK_JUMPS_MS: '70' },
    encoding: 'utf8',
  })
  const minutes = JSON.parse(said) as readonly number[]
  expect(minutes).toEqual(expect.arrayContaining([0, HOUR_MS / 60_000, -HOUR_MS / 60_000]))
})
