import { onTestFinished } from 'vitest'
import { type LocalKafka, startKafka } from '../../deploy/local/kafka/start-kafka.ts'
import type { EventLog, StoredRecord } from '../../pipeline/event-log/event-log.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import {
  type ConfigurationInput,
  configuration,
} from '../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS, type Secrets, secretOf } from '../../pipeline/service-runtime/secrets.ts'
import { kafkaIsMissing } from './local-kafka.ts'
import { numbersOf, testServices } from './log-reading.ts'

export const CLIENTS = ['kafkajs', 'platformatic'] as const
/** How long a broker or a member may take to be back. */
export const BACK_MS = 40_000

export type KafkaInput = Extract<ConfigurationInput['eventLog'], { driver: 'kafka' }>

const login = { username: 'alice', password: 'a "quoted" secret' }

/** A broker with a login and with TLS; null, said aloud, where it cannot be run. */
export const startGuardedKafka = async (tests: string): Promise<LocalKafka | null> =>
  (await kafkaIsMissing(tests)) ? null : startKafka({ login, tls: true })

export const withPassword = (password = login.password): Secrets => ({
  ...NO_SECRETS,
  kafkaUsername: secretOf(login.username),
  kafkaPassword: secretOf(password),
})

/** Opens logs on the broker that are closed with the test. */
export const logOpener =
  (kafka: LocalKafka | null, client: KafkaInput['client']) =>
  async (given: Partial<KafkaInput> = {}, secrets: Secrets = NO_SECRETS): Promise<EventLog> => {
    const eventLog = { driver: 'kafka' as const, brokers: [kafka?.brokers ?? ''], client, ...given }
    const log = await openEventLog(configuration.parse({ eventLog }), secrets, testServices())
    onTestFinished(() => log.close())
    return log
  }

export const everything = async (log: EventLog, topic: string): Promise<StoredRecord[]> => {
  const records: StoredRecord[] = []
  for await (const record of log.readAll(topic)) records.push(record)
  return records
}

export const valuesOf = async (log: EventLog, topic: string): Promise<number[]> =>
  numbersOf(await everything(log, topic))
