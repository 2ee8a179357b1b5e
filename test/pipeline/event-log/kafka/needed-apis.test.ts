import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as platformatic from '@platformatic/kafka'
import { describe, expect, test } from 'vitest'
import {
  KAFKAJS_APIS,
  PLATFORMATIC_APIS,
} from '../../../../pipeline/event-log/kafka/needed-apis.ts'
import { openEventLog } from '../../../../pipeline/event-log/open-event-log.ts'
import { configuration } from '../../../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS } from '../../../../pipeline/service-runtime/secrets.ts'
import { ConfigError } from '../../../../schemas/errors.ts'
import {
  KAFKA_0_10,
  KAFKA_2_0,
  kafka40Without,
  type OfferedApis,
  startFakeBroker,
} from '../../../support/fake-broker.ts'
import { testServices } from '../../../support/log-reading.ts'

const refusal = async (client: 'kafkajs' | 'platformatic', offered: OfferedApis) => {
  const brokers = [await startFakeBroker(offered)]
  const settings = configuration.parse({ eventLog: { driver: 'kafka', brokers, client } })
  const opening = openEventLog(settings, NO_SECRETS, testServices())
  return opening.then(
    () => null,
    (error: unknown) => error,
  )
}

describe.each(['kafkajs', 'platformatic'] as const)('%s', (client) => {
  test('refuses a broker of a version that lacks what it needs, and says what that is', async () => {
    const error = await refusal(client, KAFKA_0_10)
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ code: 'log-refused' })
    expect(String(error)).toMatch(/InitProducerId|UNSUPPORTED_VERSION|version/u)
  })

  test.each([
    ['InitProducerId', 22],
    ['Fetch', 1],
    ['JoinGroup', 11],
    ['OffsetCommit', 8],
  ])('refuses a broker, or what stands before it, without %s', async (name, key) => {
    const error = await refusal(client, kafka40Without(key))
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).toMatch(new RegExp(`lacks ${name} [^;,]*\\(it has none\\);`, 'u'))
  })
})

test('a broker before topics had ids serves kafkajs alone, and the refusal says which versions it has', async () => {
  expect(String(await refusal('platformatic', KAFKA_2_0))).toContain('Fetch 13–17 (it has 0–8)')
  // It is no broker: kafkajs goes on to ask for the cluster, and is not answered.
  expect(await refusal('kafkajs', KAFKA_2_0)).toMatchObject({ code: 'log-unavailable' })
})

describe('the versions that a library can send', () => {
  const camel = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`

  test.each(Object.entries(PLATFORMATIC_APIS))('%s of @platformatic/kafka', (name, { most }) => {
    const pattern = new RegExp(`^${camel(name)}V(\\d+)$`, 'u')
    const sent = Object.keys(platformatic).flatMap((key) => pattern.exec(key)?.[1] ?? [])
    expect(Math.max(...sent.map(Number))).toBe(most)
  })

  test.each(Object.entries(KAFKAJS_APIS))('%s of kafkajs', (name, { most }) => {
    const folder = join(
      dirname(fileURLToPath(import.meta.resolve('kafkajs'))),
      'src/protocol/requests',
    )
    const sent = readdirSync(join(folder, camel(name))).flatMap(
      (file) => /^v(\d+)$/u.exec(file)?.[1] ?? [],
    )
    expect(Math.max(...sent.map(Number))).toBe(most)
  })
})
