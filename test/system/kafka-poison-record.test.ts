import { afterAll, describe } from 'vitest'
import { type LocalKafka, startKafka } from '../../deploy/local/kafka/start-kafka.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import {
  type ConfigurationInput,
  configuration,
} from '../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { describePoisonRecord } from '../contract/poison-record.contract.ts'
import { CLIENTS } from '../support/kafka-logs.ts'
import { kafkaIsMissing } from '../support/local-kafka.ts'
import { testServices } from '../support/log-reading.ts'

const missing = await kafkaIsMissing('a record that ends its consumer, on Kafka')
const kafka: LocalKafka | null = missing ? null : await startKafka()
afterAll(() => kafka?.stop())

describe.skipIf(kafka === null).each(CLIENTS)('a record that ends its consumer by %s', (client) => {
  const settings = (): ConfigurationInput => ({
    eventLog: { driver: 'kafka', brokers: [kafka?.brokers ?? ''], client },
  })
  describePoisonRecord({
    name: client,
    settings,
    open: () => openEventLog(configuration.parse(settings()), NO_SECRETS, testServices()),
  })
})
