import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redactPersonal, redactValue } from '../../instrumentation/redact.ts'

test.each([
  ['mail ann.b+c@mail.example.org now', 'mail [email] now'],
  ['key sk-abcdefghijklmnop1234', 'key [key]'],
  ['bearer eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl', 'bearer [token]'],
  ['pay to DE89 3704 0044 0532 0130 00 please', 'pay to [iban] please'],
  ['card 4111 1111 1111 1111', 'card [card]'],
  ['call +44 20 7946 0958', 'call [phone]'],
  ['order 12345 of 2026-11-24 for 19.99', 'order 12345 of 2026-11-24 for 19.99'],
])('%s becomes %s', (text, masked) => {
  expect(redactPersonal(text)).toBe(masked)
})

test('masking twice is masking once', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(redactPersonal(redactPersonal(text))).toBe(redactPersonal(text))
    }),
  )
})

test('every text inside a value is masked, whatever its depth; the rest stays', () => {
  const bytes = new Uint8Array([1])
  expect(
    redactValue({ a: ['x', { b: 'x' }], n: 1, t: true, u: undefined, bytes }, () => 'm'),
  ).toEqual({ a: ['m', { b: 'm' }], n: 1, t: true, u: undefined, bytes })
})

test('a value that contains itself ends', () => {
  const value: { self?: unknown } = {}
  value.self = value
  expect(() => redactValue(value, (text) => text)).not.toThrow()
})
