import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { templateTree } from '../../../consumers/fingerprint/template-tree.ts'

const words = fc.array(fc.constantFrom('seat', 'taken', 'by', 'rome', 'oslo', '<num>'), {
  minLength: 1,
  maxLength: 6,
})
const texts = fc.array(
  words.map((list) => list.join(' ')),
  { minLength: 1, maxLength: 30 },
)

describe('a template tree', () => {
  test('finds the words that differ', () => {
    const tree = templateTree([
      'no seat free to rome today',
      'no seat free to oslo today',
      'the payment was refused again now',
    ])
    expect(tree.templateOf('no seat free to rome today')).toBe('no seat free to <*> today')
    expect(tree.templateOf('no seat free to lima today')).toBe('no seat free to <*> today')
    expect(tree.templateOf('something else')).toBeNull()
  })

  test('is the same whatever the order and number of its texts', () => {
    fc.assert(
      fc.property(texts, fc.nat(), (list, seed) => {
        const rotated = [...list.slice(seed % list.length), ...list, ...list.slice(0, 3)]
        const [one, other] = [templateTree(list), templateTree(rotated.reverse())]
        for (const text of list) expect(other.templateOf(text)).toBe(one.templateOf(text))
      }),
    )
  })

  test('changes nothing when it is asked', () => {
    const tree = templateTree(['a b c d', 'a b c e'])
    const before = tree.templateOf('a b c d')
    tree.templateOf('a b x y')
    expect(tree.templateOf('a b c d')).toBe(before)
  })

  test('stays bounded: texts beyond its leaves keep to themselves', () => {
    const many = Array.from(
      { length: 5000 },
      (_, n) => `one two ${'x'.repeat(n % 50)}${n} ${n}y ${n}z`,
    )
    const tree = templateTree(many)
    const found = new Set(many.map((text) => tree.templateOf(text)))
    expect(found.size).toBeLessThanOrEqual(201)
  })
})
