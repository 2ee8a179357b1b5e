import { expect, test } from 'vitest'
import { canonicalJson } from '../../schemas/canonical-json.ts'

// Canonical JSON was written by sorting an object's entries and printing the object made of them. An object holds keys
// that look like integers first and in numeric order, whatever order they are added in: the text was {"9":…,"10":…}, and
// a digest computed by another implementation of RFC 8785 differed.
test('keys that look like numbers are sorted as text', () => {
  expect(canonicalJson({ 9: 'b', a: 'c', 10: 'a', '\n': 'd' })).toBe(
    '{"\\n":"d","10":"a","9":"b","a":"c"}',
  )
})
