import { readFileSync } from 'node:fs'
import { ConfigError } from '../../../schemas/errors.ts'
import type { Configuration } from '../../service-runtime/configuration.ts'
import type { Secrets } from '../../service-runtime/secrets.ts'

export type KafkaSettings = Extract<Configuration['eventLog'], { readonly driver: 'kafka' }>
export type Credentials = Pick<Secrets, 'kafkaUsername' | 'kafkaPassword'>

/** The certificates of the settings, read. */
export interface Certificates {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly servername?: string
}

/**
 * null where the connection is not encrypted.
 * @throws ConfigError `config-unreadable`
 */
export const readCertificates = ({ tls }: Pick<KafkaSettings, 'tls'>): Certificates | null => {
  const { enabled, caFile, certFile, keyFile, serverName } = tls
  if (!enabled) return null
  return {
    ...(caFile === null ? {} : { ca: readCertificate(caFile) }),
    ...(certFile === null ? {} : { cert: readCertificate(certFile) }),
    ...(keyFile === null ? {} : { key: readCertificate(keyFile) }),
    ...(serverName === null ? {} : { servername: serverName }),
  }
}

const readCertificate = (file: string): Buffer => {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new ConfigError('config-unreadable', `eventLog.tls: ${file} cannot be read.`, { cause })
  }
}

export interface Login {
  readonly mechanism: KafkaSettings['sasl']
  readonly username: string
  readonly password: string
}

/** null where there are no credentials. */
export const loginOf = (
  { sasl }: Pick<KafkaSettings, 'sasl'>,
  { kafkaUsername, kafkaPassword }: Credentials,
): Login | null =>
  kafkaUsername === null || kafkaPassword === null
    ? null
    : { mechanism: sasl, username: kafkaUsername.reveal(), password: kafkaPassword.reveal() }

/** How the connection is made, for messages. */
export const describeConnection = (settings: KafkaSettings, credentials: Credentials): string => {
  const { brokers, tls, sasl } = settings
  const login = credentials.kafkaUsername === null ? 'without login' : `with login (${sasl})`
  const encryption = tls.enabled ? 'with TLS' : 'without TLS'
  return `connecting ${login}, ${encryption}, to ${brokers.join(', ')}`
}
