import type { BaseOptions } from '@platformatic/kafka'
import {
  type Credentials,
  type KafkaSettings,
  loginOf,
  readCertificates,
} from '../kafka/kafka-settings.ts'
import { CONNECT_TIMEOUT_MS, REQUEST_TIMEOUT_MS, RETRY } from '../kafka/retrying.ts'

/** What every client of this library is made with. @throws ConfigError `config-unreadable` */
export const clientOptions = (settings: KafkaSettings, credentials: Credentials): BaseOptions => ({
  clientId: settings.clientId,
  bootstrapBrokers: [...settings.brokers],
  connectTimeout: CONNECT_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  timeout: REQUEST_TIMEOUT_MS,
  retries: RETRY.retries,
  retryDelay: (_client, _operation, attempt) =>
    Math.min(RETRY.initialRetryTime * RETRY.multiplier ** (attempt - 1), RETRY.maxRetryTime),
  autocreateTopics: false,
  ...encryptionOf(settings),
  ...saslOf(settings, credentials),
})

const encryptionOf = (settings: KafkaSettings): Pick<BaseOptions, 'tls'> => {
  const certificates = readCertificates(settings)
  return certificates === null ? {} : { tls: { ...certificates } }
}

const MECHANISM = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
} as const

const saslOf = (settings: KafkaSettings, credentials: Credentials): Pick<BaseOptions, 'sasl'> => {
  const login = loginOf(settings, credentials)
  return login === null ? {} : { sasl: { ...login, mechanism: MECHANISM[login.mechanism] } }
}
