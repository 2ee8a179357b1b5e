import { describe, expect, test } from 'vitest'
import {
  coarseFingerprint,
  OTHER_FINGERPRINT,
} from '../../../consumers/fingerprint/coarse-fingerprint.ts'
import { fingerprintOf } from '../../../consumers/fingerprint/fingerprint-of.ts'
import {
  acquireFingerprint,
  admitFingerprint,
  fingerprintAt,
  fingerprintTable,
  heldFingerprints,
  releaseFingerprint,
} from '../../../consumers/fingerprint/fingerprint-table.ts'
import { failureRun } from '../../support/failure-run.ts'

const word = (number: number): string =>
  String(number).replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '')
const kind = (number: number, tool = 'refund') =>
  fingerprintOf(
    failureRun(number, [
      { tool, error: { type: 'Conflict', message: `refuses ${word(number)} always` } },
    ]),
  )

describe('the table of fingerprints', () => {
  test('counts, and forgets what no failure has any more', () => {
    const table = fingerprintTable()
    const number = acquireFingerprint(table, kind(1))
    expect(acquireFingerprint(table, kind(1))).toBe(number)
    expect([...heldFingerprints(table)].map(({ weight }) => weight)).toEqual([2])
    releaseFingerprint(table, number)
    releaseFingerprint(table, number)
    expect([...heldFingerprints(table)]).toEqual([])
    expect(acquireFingerprint(table, kind(2))).toBe(number)
    expect(fingerprintAt(table, number).key).toBe(kind(2).key)
  })

  test('keeps no span: that is of one failure', () => {
    const table = fingerprintTable()
    expect(kind(1).spanId).not.toBeNull()
    expect(fingerprintAt(table, acquireFingerprint(table, kind(1))).spanId).toBeNull()
  })

  test('stays bounded under a hundred thousand distinct fingerprints, and tells failing steps apart', () => {
    const table = fingerprintTable()
    const held = new Map<string, number>()
    for (let number = 0; number < 100_000; number++) {
      const own = kind(number, number % 2 === 0 ? 'refund' : 'mail')
      const admitted = admitFingerprint(table, own, 500)
      acquireFingerprint(table, admitted)
      held.set(admitted.key, (held.get(admitted.key) ?? 0) + 1)
    }
    expect(held.size).toBe(502)
    expect(held.get(coarseFingerprint(kind(0, 'refund')).key)).toBe(49_750)
  }, 60_000)

  test('takes all that is left for one where also the failing steps are too many', () => {
    const table = fingerprintTable()
    const keys = Array.from({ length: 3000 }, (_, number) => {
      const admitted = admitFingerprint(table, kind(number, `tool_${word(number)}`), 500)
      acquireFingerprint(table, admitted)
      return admitted.key
    })
    expect(new Set(keys).size).toBe(1501)
    expect(keys.at(-1)).toBe(OTHER_FINGERPRINT.key)
  })
})
