import { describe, expect, test } from 'vitest'
import type { AnyValue } from '../../../pipeline/otlp/otlp-types.ts'
import { attributeTexts, valueText } from '../../../pipeline/writer/value-text.ts'

const array = (...values: AnyValue[]): AnyValue => ({ kind: 'array', values })
const text = (value: string): AnyValue => ({ kind: 'string', value })
const double = (value: number): AnyValue => ({ kind: 'double', value })

describe('a value as text', () => {
  test.each<[string, AnyValue, string]>([
    ['nothing', { kind: 'empty' }, ''],
    ['text as it is', text('a "quote"\n😀'), 'a "quote"\n😀'],
    ['a boolean', { kind: 'bool', value: false }, 'false'],
    [
      'a 64-bit integer with all digits',
      { kind: 'int', value: -(2n ** 63n) },
      '-9223372036854775808',
    ],
    ['a whole double without a point', double(3), '3'],
    ['a small double', double(1e-7), '1e-7'],
    ['a large double', double(1e21), '1e+21'],
    ['minus zero with its sign', double(-0), '-0'],
    ['no number', double(Number.NaN), 'NaN'],
    ['an infinity', double(Number.NEGATIVE_INFINITY), '-Infinity'],
    ['bytes in base64', { kind: 'bytes', value: Uint8Array.of(0, 255, 1) }, 'AP8B'],
    ['an empty list', array(), '[]'],
    [
      'a list as JSON',
      array(
        text('é"'),
        { kind: 'int', value: 2n ** 63n - 1n },
        double(0.1),
        double(Number.NaN),
        { kind: 'empty' },
        { kind: 'bool', value: true },
        { kind: 'bytes', value: Uint8Array.of(1) },
      ),
      '["é\\"",9223372036854775807,0.1,"NaN",null,true,"AQ=="]',
    ],
    [
      'separators of lines in a list escaped',
      array(text('a\u2028<&>\u2029')),
      '["a\\u2028<&>\\u2029"]',
    ],
    ['no bytes in a list', array({ kind: 'bytes', value: Uint8Array.of() }), '[null]'],
    ['minus zero in a list with its sign', array(double(-0)), '[-0]'],
    [
      'a map as JSON with its keys in the order of their bytes',
      {
        kind: 'kvlist',
        values: ['z', '\u{1F600}', '\uFF5E', 'B', '10', '9', 'a', 'ab'].map((key) => ({
          key,
          value: { kind: 'empty' },
        })),
      },
      '{"10":null,"9":null,"B":null,"a":null,"ab":null,"z":null,"\uFF5E":null,"\u{1F600}":null}',
    ],
    [
      'a map as JSON, of a repeated key the last value',
      {
        kind: 'kvlist',
        values: [
          { key: '__proto__', value: text('x') },
          { key: 'a', value: text('first') },
          { key: 'a', value: array(text('last')) },
        ],
      },
      '{"__proto__":"x","a":["last"]}',
    ],
  ])('%s', (_what, value, expected) => {
    expect(valueText(value)).toBe(expected)
  })
})

test('attributes keep odd keys, and of a repeated key the last value', () => {
  const texts = attributeTexts([
    { key: '__proto__', value: text('x') },
    { key: '', value: text('empty') },
    { key: 'k', value: text('1') },
    { key: 'k', value: text('2') },
  ])
  expect(Object.entries(texts)).toEqual([
    ['__proto__', 'x'],
    ['', 'empty'],
    ['k', '2'],
  ])
})
