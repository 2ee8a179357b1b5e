import { describe, expect, test } from 'vitest'
import { translateStoreError } from '../../../pipeline/trace-store/translate-store-error.ts'
import {
  ConfigError,
  InvalidInputError,
  InvariantError,
  TransientError,
} from '../../../schemas/errors.ts'

const coded = (code: unknown): Error => Object.assign(new Error('says the engine'), { code })

describe('an error of the engine', () => {
  test.each([
    ['a memory limit', '241'],
    ['too many parts', '252'],
    ['a time-out', '159'],
    ['a part that a full disk has damaged', '246'],
    ['a socket that broke', 'ECONNRESET'],
    ['a server that is away', 'ECONNREFUSED'],
    ['no code at all', undefined],
    ['a code that is no text', 62],
  ])('of %s passes', (_what, code) => {
    const error = translateStoreError(coded(code), 'query')
    expect(error).toBeInstanceOf(TransientError)
    expect(error).toMatchObject({ code: 'store-unavailable' })
  })

  test.each(['516', '497', '164', '392', '701', '139'])(
    'of credentials, rights or an unknown cluster (%s) is the configuration’s',
    (code) => {
      const error = translateStoreError(coded(code), 'query')
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ code: 'store-refused' })
    },
  )

  test.each(['62', '60', '27', '469'])(
    'of the statement or its data (%s) is the input’s',
    (code) => {
      const error = translateStoreError(coded(code), 'insert into otel_logs')
      expect(error).toBeInstanceOf(InvalidInputError)
      expect(error.message).toContain(`insert into otel_logs: code ${code}: says the engine`)
    },
  )

  test('keeps its cause', () => {
    const cause = coded('62')
    expect(translateStoreError(cause, 'query').cause).toBe(cause)
  })
})

test('an error of ours stays what it is', () => {
  const ours = new InvariantError('invariant-broken', 'x')
  expect(translateStoreError(ours, 'query')).toBe(ours)
})

test('what is no error becomes one', () => {
  expect(translateStoreError('odd', 'query')).toMatchObject({
    code: 'store-unavailable',
    detail: 'query: odd',
  })
})
