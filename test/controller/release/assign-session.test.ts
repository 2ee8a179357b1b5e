import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assignSession } from '../../../controller/release/assign-session.ts'

test('without a canary every session is stable', () => {
  expect(assignSession('anything', null)).toBe('stable')
})

test('the formula is the published one', () => {
  const share =
    Number.parseInt(createHash('sha256').update('salt:sé').digest('hex').slice(0, 8), 16) / 2 ** 32
  expect(assignSession('sé', { salt: 'salt', weight: share + 1e-9 })).toBe('canary')
  expect(assignSession('sé', { salt: 'salt', weight: share })).toBe('stable')
})

test('a session of the canary stays in it when the weight grows', () => {
  fc.assert(
    fc.property(fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (session, weight) => {
      const now = assignSession(session, { salt: 's', weight })
      const later = assignSession(session, { salt: 's', weight: Math.min(1, weight + 0.1) })
      expect([now, later]).not.toEqual(['canary', 'stable'])
      expect(assignSession(session, { salt: 's', weight: 1 })).toBe('canary')
      expect(assignSession(session, { salt: 's', weight: 0 })).toBe('stable')
    }),
  )
})

test('the share of sessions is the weight', () => {
  const n = 5000
  const inCanary = Array.from({ length: n }, (_, i) =>
    assignSession(`session-${i}`, { salt: 's', weight: 0.2 }),
  ).filter((arm) => arm === 'canary').length
  expect(Math.abs(inCanary / n - 0.2)).toBeLessThan(4 * Math.sqrt((0.2 * 0.8) / n))
})
