import { expect, test } from 'vitest'
import type { Configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { openLogger } from '../../../pipeline/service-runtime/logger.ts'
import { secretOf } from '../../../pipeline/service-runtime/secrets.ts'
import { TransientError } from '../../../schemas/errors.ts'

/** A logger and what it has written. */
const listen = (logLevel: Configuration['logLevel'] = 'info') => {
  const lines: string[] = []
  const logger = openLogger({ logLevel }, { write: (line) => lines.push(line) })
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> }
}

test('a line is one JSON object with level, time and what happened', () => {
  const { logger, lines, last } = listen()
  logger.info({ role: 'writer', records: 3 }, 'stored')
  expect(lines).toHaveLength(1)
  expect(lines[0]?.endsWith('\n')).toBe(true)
  expect(last()).toEqual({
    ...{ level: 'info', role: 'writer', records: 3, msg: 'stored' },
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  })
})

test('what is less severe than the level is not written', () => {
  const { logger, lines } = listen('warn')
  logger.debug('no')
  logger.info('no')
  logger.warn('yes')
  expect(lines).toHaveLength(1)
  const { logger: silent, lines: nothing } = listen('silent')
  silent.fatal('no')
  expect(nothing).toEqual([])
})

test('an error is written with its code and cause', () => {
  const { logger, last } = listen()
  const cause = new Error('socket closed')
  logger.error({ err: new TransientError('store-unavailable', 'away', { cause }) }, 'tried again')
  expect(last()['err']).toMatchObject({
    code: 'store-unavailable',
    message: expect.stringContaining('socket closed'),
  })
})

test('secrets are not written, wrapped or in a field that is known to hold one', () => {
  const { logger, lines } = listen()
  logger.info({ key: secretOf('sesame') }, 'wrapped')
  logger.info({ password: 'sesame', token: 'sesame', apiKey: 'sesame' }, 'plain')
  logger.info({ headers: { authorization: 'sesame' }, client: { password: 'sesame' } }, 'inside')
  expect(lines).toHaveLength(3)
  for (const line of lines) {
    expect(line).not.toContain('sesame')
    expect(line).toContain('[redacted]')
  }
})
