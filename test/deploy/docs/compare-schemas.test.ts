import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { schemaProblems } from '../../../deploy/docs/compare-schemas.ts'
import { CONTRACTS } from '../../../deploy/docs/contracts.ts'

const jsonSchema = (schema: z.ZodType): unknown => z.toJSONSchema(schema, { io: 'input' })
const compare = (before: z.ZodType, after: z.ZodType): readonly string[] =>
  schemaProblems(jsonSchema(before), jsonSchema(after))

const released = z.object({
  id: z.string(),
  kind: z.enum(['a', 'b']),
  score: z.number().min(0).max(1),
  note: z.string().optional(),
  tags: z.array(z.string()),
  range: z.tuple([z.number(), z.number().nullable()]),
  labels: z.record(z.string(), z.number()),
  what: z.discriminatedUnion('type', [
    z.object({ type: z.literal('x'), value: z.number() }),
    z.object({ type: z.literal('y') }),
  ]),
})

describe('additive is', () => {
  test.each(Object.entries(CONTRACTS))('no change at all: %s', (_name, { schema }) => {
    expect(compare(schema, schema)).toEqual([])
  })

  test.each([
    ['an optional field', released.extend({ more: z.string().optional() })],
    ['a field with a default', released.extend({ more: z.number().default(0) })],
    ['a value of an enumeration', released.extend({ kind: z.enum(['a', 'b', 'c']) })],
    ['a wider bound', released.extend({ score: z.number().min(0).max(2) })],
    ['a description', released.extend({ id: z.string().meta({ description: 'unique' }) })],
    [
      'an alternative of a union, in whatever place',
      released.extend({
        what: z.discriminatedUnion('type', [
          z.object({ type: z.literal('z') }),
          ...released.shape.what.options,
        ]),
      }),
    ],
  ])('%s', (_what, after) => {
    expect(compare(released, after)).toEqual([])
  })
})

describe('broken is what an old reader or an old record stumbles over', () => {
  test.each([
    ['a field that is gone', released.omit({ note: true }), 'note: the field is gone'],
    [
      'a new required field',
      released.extend({ more: z.string() }),
      'more: the field is required now',
    ],
    [
      'an optional field that is required now',
      released.extend({ note: z.string() }),
      'note: the field is required now',
    ],
    [
      'a required field that may be absent now',
      released.extend({ id: z.string().optional() }),
      'id: the field may be absent now',
    ],
    [
      'a narrowed type',
      released.extend({ score: z.int().min(0).max(1) }),
      'score: the type was number, is integer',
    ],
    [
      'a type that takes null now',
      released.extend({ id: z.string().nullable() }),
      'id: the type was string, is string or null',
    ],
    [
      'another type within a list',
      released.extend({ tags: z.array(z.number()) }),
      'tags[]: the type was string, is number',
    ],
    [
      'another type within a record',
      released.extend({ labels: z.record(z.string(), z.string()) }),
      'labels.*: the type was number, is string',
    ],
    [
      'another type within a tuple',
      released.extend({ range: z.tuple([z.string(), z.number().nullable()]) }),
      'range[0]: the type was number, is string',
    ],
    [
      'a value of an enumeration that is gone',
      released.extend({ kind: z.enum(['a']) }),
      'kind: b is no longer a value',
    ],
    [
      'a narrower bound',
      released.extend({ score: z.number().min(0.5).max(1) }),
      'score: minimum was 0, is 0.5',
    ],
    [
      'a bound that is new',
      released.extend({ id: z.string().max(20) }),
      'id: maxLength was none, is 20',
    ],
    ['a pattern', released.extend({ id: z.string().regex(/^a/u) }), 'id: the pattern changed'],
    [
      'a closed object',
      z.strictObject(released.shape),
      'the value: unknown members are restricted now',
    ],
    [
      'an alternative that is gone',
      released.extend({ what: z.discriminatedUnion('type', [released.shape.what.options[0]]) }),
      'what(type=y): the alternative is gone',
    ],
    [
      'a narrowed alternative',
      released.extend({
        what: z.discriminatedUnion('type', [
          z.object({ type: z.literal('x'), value: z.string() }),
          released.shape.what.options[1],
        ]),
      }),
      'what(type=x).value: the type was number, is string',
    ],
  ])('%s', (_what, after, problem) => {
    expect(compare(released, after)).toEqual([problem])
  })

  test('any field of any released contract that is taken away', () => {
    const contracts = Object.values(CONTRACTS).filter(({ schema }) => schema instanceof z.ZodObject)
    fc.assert(
      fc.property(fc.constantFrom(...contracts), fc.nat(), ({ schema }, pick) => {
        const before = jsonSchema(schema) as { readonly properties: Record<string, unknown> }
        const names = Object.keys(before.properties)
        const name = names[pick % names.length] ?? ''
        const { [name]: _, ...properties } = before.properties
        expect(schemaProblems(before, { ...before, properties })).toContain(
          `${name}: the field is gone`,
        )
      }),
    )
  })
})
