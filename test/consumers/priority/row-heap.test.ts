import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RowHeap } from '../../../consumers/priority/row-heap.ts'

describe('a heap of rows', () => {
  test('gives the first rows in order after any pushes and removals', () => {
    const values = fc.array(fc.nat(20), { minLength: 1, maxLength: 60 })
    const leaving = fc.array(fc.nat(59), { maxLength: 40 })
    fc.assert(
      fc.property(values, leaving, fc.nat(10), (list, removed, most) => {
        const places = new Int32Array(list.length)
        const before = (a: number, b: number): boolean =>
          (list[a] ?? 0) < (list[b] ?? 0) || (list[a] === list[b] && a < b)
        const heap = new RowHeap({ before, places: () => places })
        const held = new Set<number>()
        for (const row of list.keys()) {
          heap.push(row)
          held.add(row)
        }
        for (const row of removed)
          if (held.delete(row)) {
            heap.remove(row)
            const expected = [...held].sort((a, b) => (before(a, b) ? -1 : 1))
            expect(heap.first()).toBe(expected[0])
            expect(heap.firstRows(most)).toEqual(expected.slice(0, most))
          }
        expect(heap.size()).toBe(held.size)
      }),
    )
  })
})
