import { afterAll, describe } from 'vitest'
import { type LocalKafka, startKafka } from '../../deploy/local/kafka/start-kafka.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import {
  type ConfigurationInput,
  configuration,
} from '../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { describeEventLog } from '../contract/event-log.contract.ts'
import { kafkaIsMissing } from '../support/local-kafka.ts'
import { testServices } from '../support/log-reading.ts'

const missing = await kafkaIsMissing('the contract of the event log on Kafka')
const kafka: LocalKafka | null = missing ? null : await startKafka()
afterAll(() => kafka?.stop())

describe.skipIf(kafka === null).each(['kafkajs', 'platformatic'] as const)(
  'on a real broker by %s',
  (client) => {
    const settings: ConfigurationInput = {
      eventLog: { driver: 'kafka', brokers: [kafka?.brokers ?? ''], client },
    }
    const driver = { name: `Kafka by ${client}`, configuration: settings, rebalanceMs: 25_000 }
    describeEventLog(driver, () =>
      openEventLog(configuration.parse(settings), NO_SECRETS, testServices()),
    )
  },
)
