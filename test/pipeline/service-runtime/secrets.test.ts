import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { secretOf } from '../../../pipeline/service-runtime/secrets.ts'

test('a secret is shown to nobody but the one who asks for it by name', () => {
  const secret = secretOf('open sesame')
  const holder = { key: secret, list: [secret] }
  const shown = [
    `${secret}`,
    JSON.stringify(holder),
    inspect(holder, { depth: 9, showHidden: true }),
    String(Object.values(secret)),
    String(new Error(`refused: ${secret}`)),
  ]
  for (const text of shown) expect(text).not.toContain('sesame')
  expect(JSON.stringify(holder)).toBe('{"key":"[redacted]","list":["[redacted]"]}')
  expect(secret.reveal()).toBe('open sesame')
})
