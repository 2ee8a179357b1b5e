import kafkajs, { type Admin, type Cluster, type Kafka, type KafkaConfig } from 'kafkajs'
import type { Logger } from 'pino'
import type { Configuration } from '../../service-runtime/configuration.ts'
import type { Secrets } from '../../service-runtime/secrets.ts'
import { registerCodecs } from './codecs.ts'
import { guardIdleQueues } from './idle-guard.ts'
import { translatedKafka } from './translate-kafka-error.ts'

export type KafkaSettings = Extract<Configuration['eventLog'], { readonly driver: 'kafka' }>

export interface Connections {
  readonly kafka: Kafka
  readonly admin: Admin
  /** For reading without a group. */
  readonly cluster: Cluster
  close(): Promise<void>
}

/**
 * The waits add up to 4.5 s, and kafkajs goes through them at most twice (the request, then the connection): longer than
 * a broker needs to come back (4 s), shorter than the 10 s after which an OTLP exporter gives up its request.
 */
export const RETRY = {
  initialRetryTime: 100,
  multiplier: 2,
  maxRetryTime: 1000,
  factor: 0.1,
  retries: 7,
} as const
const CONNECT_TIMEOUT_MS = 3000
const REQUEST_TIMEOUT_MS = 10_000

/**
 * Connects and proves that the broker answers requests: on a port that demands a login a connection without one succeeds.
 * @throws ConfigError `log-refused`; TransientError `log-unavailable` after trying for some seconds
 */
export const connectKafka = async (
  settings: KafkaSettings,
  secrets: Pick<Secrets, 'kafkaUsername' | 'kafkaPassword'>,
  logger: Logger,
): Promise<Connections> => {
  guardIdleQueues()
  registerCodecs()
  const kafka = new kafkajs.Kafka(clientSettings(settings, secrets, logger))
  const admin = kafka.admin()
  const cluster = clusterOf(kafka)
  const close = async (): Promise<void> => {
    await Promise.all([admin.disconnect(), cluster.disconnect()])
  }
  try {
    const login = secrets.kafkaUsername === null ? 'without' : 'with'
    const what = `connecting ${login} login, without TLS, to ${settings.brokers.join(', ')}`
    await translatedKafka(what, async () => {
      await Promise.all([admin.connect(), cluster.connect()])
      await admin.describeCluster()
    })
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
  return { kafka, admin, cluster, close }
}

const clientSettings = (
  { brokers, clientId }: KafkaSettings,
  { kafkaUsername, kafkaPassword }: Pick<Secrets, 'kafkaUsername' | 'kafkaPassword'>,
  logger: Logger,
): KafkaConfig => ({
  brokers: [...brokers],
  clientId,
  retry: RETRY,
  connectionTimeout: CONNECT_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  ...(kafkaUsername === null || kafkaPassword === null
    ? {}
    : {
        sasl: {
          mechanism: 'plain',
          username: kafkaUsername.reveal(),
          password: kafkaPassword.reveal(),
        },
      }),
  logLevel: kafkajs.logLevel.WARN,
  // What matters reaches the caller as an error; the client itself reports each of its tries.
  logCreator:
    () =>
    ({ namespace, log: { message, error } }) =>
      logger.debug({ kafkajs: namespace, error }, message),
})

/**
 * The client's view of the cluster (leaders, offsets, fetches), which kafkajs hands to partition assigners only. The
 * consumer made for it never joins anything.
 */
const clusterOf = (kafka: Kafka): Cluster => {
  const found: Cluster[] = []
  kafka.consumer({
    groupId: 'neosigma-reader',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      (parts) => {
        found.push(parts.cluster)
        return kafkajs.PartitionAssigners.roundRobin(parts)
      },
    ],
  })
  return found[0] as Cluster
}
