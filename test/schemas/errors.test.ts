import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  ConfigError,
  ERRORS,
  InvalidInputError,
  InvariantError,
  TransientError,
} from '../../schemas/errors.ts'

const readme = readFileSync('schemas/README.md', 'utf8')
const documented = new Map(
  [...readme.matchAll(/^\| `([a-z-]+)` \| ([a-z-]+) \| (.+) \|$/gmu)].map(
    ([, code = '', kind = '', text = '']) => [code, { kind, text }],
  ),
)

describe('the table of errors', () => {
  test('and the README say the same, both ways', () => {
    expect(Object.fromEntries(documented)).toEqual(ERRORS)
  })

  test('has no error that cannot happen', () => {
    const program = globSync('{pipeline,consumers,controller,deploy,schemas}/**/*.ts')
      .filter((path) => path !== 'schemas/errors.ts')
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n')
    expect(
      Object.keys(ERRORS).filter((code) => !new RegExp(`['\`]${code}['\`:]`).test(program)),
    ).toEqual([])
  })

  test('says of every error what to do about it', () => {
    for (const [code, { text }] of Object.entries(ERRORS))
      expect(text.match(/\./gu)?.length, code).toBeGreaterThanOrEqual(2)
  })
})

describe('an error', () => {
  test('has a class per kind, and its message says what happened and what to do', () => {
    const error = new TransientError('log-full', 'No room in /data.', { retryAfterMs: 500 })
    expect(error).toMatchObject({
      name: 'TransientError',
      code: 'log-full',
      kind: 'transient',
      detail: 'No room in /data.',
      retryAfterMs: 500,
      message: `No room in /data. [log-full] ${ERRORS['log-full'].text}`,
    })
    expect(new ConfigError('port-in-use', '').kind).toBe('config')
    expect(new InvalidInputError('not-found', '').kind).toBe('invalid-input')
    expect(new InvariantError('invariant-broken', '').kind).toBe('invariant')
  })

  test('cannot carry a code of another kind', () => {
    // @ts-expect-error A full log is no reason to refuse a start.
    expect(new ConfigError('log-full', '').kind).toBe('transient')
  })

  test('keeps its cause', () => {
    const cause = new Error('EACCES')
    expect(new ConfigError('data-folder-unusable', 'x', { cause }).cause).toBe(cause)
  })
})
