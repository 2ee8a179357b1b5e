import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  environmentFields,
  environmentValues,
  mergeValues,
} from '../../../pipeline/service-runtime/environment-values.ts'

const schema = z.strictObject({
  size: z.number().default(3).meta({ env: 'SIZE' }),
  inner: z
    .strictObject({
      on: z.boolean().default(false).meta({ env: 'ON' }),
      name: z.string().nullable().default(null).meta({ env: 'NAME' }),
      silent: z.string().default('x'),
    })
    .prefault({}),
})
const fields = environmentFields(schema)

describe('values of the environment', () => {
  test('are found wherever the schema names a variable', () => {
    expect(fields.map(({ env, path }) => `${env} ${path.join('.')}`)).toEqual([
      'SIZE size',
      'ON inner.on',
      'NAME inner.name',
    ])
  })

  test.each([
    [
      { SIZE: '7', ON: 'true', NAME: '7' },
      { size: 7, inner: { on: true, name: '7' } },
    ],
    [{ ON: 'false' }, { inner: { on: false } }],
    [{ SIZE: '', NAME: undefined, OTHER: 'x' }, {}],
  ])('are read by the type of their field: %o', (environment, values) => {
    expect(environmentValues(fields, environment)).toEqual(values)
  })

  test.each(['seven', ' ', '1,5'])(
    'of a wrong type stay as they are and are refused: %j',
    (text) => {
      const values = environmentValues(fields, { SIZE: text })
      expect(values).toEqual({ size: text })
      expect(schema.safeParse(values).success).toBe(false)
    },
  )

  test('that are neither true nor false are no truth value', () => {
    expect(schema.safeParse(environmentValues(fields, { ON: '0' })).success).toBe(false)
  })
})

describe('merging', () => {
  const values = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 2 },
        fc.nat(9),
        fc.array(fc.nat(9)),
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value')),
      ),
    })).value,
  )

  test('nothing changes nothing, on either side, and merging twice is merging once', () => {
    fc.assert(
      fc.property(values, values, (under, over) => {
        expect(mergeValues(under, {})).toEqual(under)
        expect(mergeValues({}, over)).toEqual(over)
        const merged = mergeValues(under, over)
        expect(mergeValues(merged, over)).toEqual(merged)
      }),
    )
  })

  test('the stronger side wins member by member, lists as a whole', () => {
    const under = { a: 1, list: [1, 2], inner: { x: 1, y: 1 } }
    const over = { list: [3], inner: { y: 2 }, a: undefined }
    expect(mergeValues(under, over)).toEqual({ a: 1, list: [3], inner: { x: 1, y: 2 } })
  })

  test('settings of one driver are not mixed with those of another', () => {
    const under = { log: { driver: 'one', size: 1 } }
    expect(mergeValues(under, { log: { driver: 'two' } })).toEqual({ log: { driver: 'two' } })
    expect(mergeValues(under, { log: { size: 2 } })).toEqual({ log: { driver: 'one', size: 2 } })
  })
})
