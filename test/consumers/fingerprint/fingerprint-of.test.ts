import { describe, expect, test } from 'vitest'
import { errorTextOf } from '../../../consumers/fingerprint/error-text.ts'
import { fingerprintOf } from '../../../consumers/fingerprint/fingerprint-of.ts'
import { maskText } from '../../../consumers/fingerprint/mask-text.ts'
import { FAILURE_KINDS, failureRun } from '../../support/failure-run.ts'

describe('masking', () => {
  test.each([
    ['Order 4711 not found', 'order <num> not found'],
    ['user mia_li_3668 has no ticket HAT136', 'user <id> has no ticket <id>'],
    ['see https://a.example/x?y=1 or mail a.b@c.example', 'see <url> or mail <email>'],
    ['open /var/lib/x.db failed', 'open <path> failed'],
    ['id 3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'id <uuid>'],
    ['at 2024-05-15T15:00:00Z and 2024-05-16', 'at <date> and <date>'],
    ['Unknown field "postcode" in \'address\'', 'unknown field <value> in <value>'],
    ["don't know the user's name", "don't know the user's name"],
    ['took 12.5 ms at 10.0.0.1:80, 0xdeadBEEF', 'took <num> at <ip>, <hex>'],
    ['commit 9fceb02d0ae5\n\n  is gone', 'commit <hex> is gone'],
  ])('%s', (text, masked) => {
    expect(maskText(text)).toBe(masked)
  })

  test('gives equal texts for occurrences that differ in particulars only', () => {
    const text = (n: number): string =>
      `Timeout after ${n * 7} ms for order A${n} of 'user ${n}' at 2026-01-0${n} (/srv/app/${n}.py:${n})`
    expect(maskText(text(3))).toBe(maskText(text(8)))
  })

  test.each([
    ['one long line', 'a'.repeat(1_000_000)],
    ['digits', '1'.repeat(1_000_000)],
    ['slashes', '/a'.repeat(500_000)],
    ['quotes', `'"`.repeat(500_000)],
    ['dashes', 'a-'.repeat(500_000)],
    ['dots', 'a.'.repeat(500_000)],
  ])('is bounded on hostile text: %s', (_, text) => {
    expect(maskText(text).length).toBeLessThanOrEqual(8000)
  })
})

describe('errors in ordinary results', () => {
  test.each([
    ['Error: reservation not found', 'Error: reservation not found'],
    ['{"error":"no stock"}', 'no stock'],
    ['{"success":false,"x":1}', '{"success":false,"x":1}'],
    ['ValueError: bad date', 'ValueError: bad date'],
    ['Traceback (most recent call last):', 'Traceback (most recent call last):'],
  ])('%s is one', (output, text) => {
    expect(errorTextOf(output)).toBe(text)
  })

  test.each([
    null,
    '',
    '{"errors_total":0}',
    '{"error":null}',
    'No errors were found',
    '[1,2]',
    '{"a":',
  ])('%s is none', (output) => {
    expect(errorTextOf(output)).toBeNull()
  })
})

describe('fingerprint', () => {
  test.each(Object.entries(FAILURE_KINDS))('is the same for every %s failure', (_, make) => {
    const keys = new Set([1, 2, 30, 444].map((number) => fingerprintOf(make(number)).key))
    expect(keys.size).toBe(1)
  })

  test('differs between kinds of failure', () => {
    const keys = Object.values(FAILURE_KINDS).map((make) => fingerprintOf(make(1)).key)
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('names the last step that failed and points to its span', () => {
    const run = failureRun(1, [
      { tool: 'search', error: { type: 'Timeout', message: 'no answer in 30 s' } },
      { tool: 'book', output: 'Error: seat 12A is taken' },
      { tool: 'think', output: '' },
    ])
    const { failingStep, template, spanId } = fingerprintOf(run)
    expect(failingStep).toEqual({ kind: 'tool', tool: 'book', errorType: '', position: 'overcome' })
    expect(template).toBe('error: seat <id> is taken')
    expect(spanId).toBe(run.steps[1]?.spanId)
  })

  test('takes the error of the run, then the answer, where no step failed', () => {
    const withError = failureRun(1, [], {
      error: { type: 'JSONDecodeError', message: 'Expecting value' },
    })
    expect(fingerprintOf(withError).template).toBe('JSONDecodeError: expecting value')
    expect(fingerprintOf(failureRun(1, [])).template).toBe('i am sorry, order <num> is lost.')
    expect(fingerprintOf(failureRun(1, [], { output: null })).features).toContain('answer:=none')
  })

  test('does not change with how often a tool was called, nor with ids and times', () => {
    const calls = (times: number) =>
      Array.from({ length: times }, () => ({ tool: 'search', output: '{}' }))
    const early = failureRun(1, calls(3))
    const late = failureRun(2, calls(5), { startedAt: '2027-01-01T00:00:00.000Z' })
    expect(fingerprintOf(late)).toMatchObject({ key: fingerprintOf(early).key })
  })

  test('stays small whatever a trace holds', () => {
    const huge = 'x y '.repeat(250_000)
    const run = failureRun(1, [{ tool: huge, error: { type: huge, message: huge } }], {
      output: huge,
      error: { type: huge, message: huge },
      taskType: huge,
    })
    expect(JSON.stringify(fingerprintOf(run)).length).toBeLessThan(5000)
  })
})
