import kafkajs, {
  type Admin,
  type Cluster,
  type Kafka,
  type KafkaConfig,
  type SASLOptions,
} from 'kafkajs'
import type { Logger } from 'pino'
import { registerCodecs } from './codecs.ts'
import { guardIdleQueues } from './idle-guard.ts'
import {
  type Credentials,
  describeConnection,
  type KafkaSettings,
  loginOf,
  readCertificates,
} from './kafka-settings.ts'
import { type Api, KAFKAJS_APIS, refuseMissingApis } from './needed-apis.ts'
import { CONNECT_TIMEOUT_MS, REQUEST_TIMEOUT_MS, RETRY } from './retrying.ts'
import { translatedKafka } from './translate-kafka-error.ts'

export interface Connections {
  readonly kafka: Kafka
  readonly admin: Admin
  /** For reading without a group. */
  readonly cluster: Cluster
  close(): Promise<void>
}

/**
 * Connects and proves that the broker answers requests: on a port that demands a login a connection without one succeeds.
 * @throws ConfigError `log-refused`; TransientError `log-unavailable` after trying for some seconds
 */
export const connectKafka = async (
  settings: KafkaSettings,
  credentials: Credentials,
  logger: Logger,
): Promise<Connections> => {
  guardIdleQueues()
  registerCodecs()
  const kafka = new kafkajs.Kafka(clientSettings(settings, credentials, logger))
  const admin = kafka.admin()
  const cluster = clusterOf(kafka)
  const close = async (): Promise<void> => {
    await Promise.all([admin.disconnect(), cluster.disconnect()])
  }
  const what = describeConnection(settings, credentials)
  try {
    await translatedKafka(what, async () => {
      await Promise.all([admin.connect(), cluster.connect()])
      refuseMissingApis(what, KAFKAJS_APIS, offeredApis(cluster))
      await admin.describeCluster()
    })
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
  return { kafka, admin, cluster, close }
}

const clientSettings = (
  settings: KafkaSettings,
  credentials: Credentials,
  logger: Logger,
): KafkaConfig => ({
  brokers: [...settings.brokers],
  clientId: settings.clientId,
  retry: RETRY,
  connectionTimeout: CONNECT_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  ...encryptionOf(settings),
  ...saslOf(settings, credentials),
  logLevel: kafkajs.logLevel.WARN,
  // What matters reaches the caller as an error; the client itself reports each of its tries.
  logCreator:
    () =>
    ({ namespace, log: { message, error } }) =>
      logger.debug({ kafkajs: namespace, error }, message),
})

const encryptionOf = (settings: KafkaSettings): Pick<KafkaConfig, 'ssl'> => {
  const certificates = readCertificates(settings)
  return certificates === null ? {} : { ssl: { ...certificates } }
}

const saslOf = (settings: KafkaSettings, credentials: Credentials): Pick<KafkaConfig, 'sasl'> => {
  const login = loginOf(settings, credentials)
  return login === null ? {} : { sasl: login as SASLOptions }
}

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

type Versions = Readonly<
  Record<string, { readonly minVersion: number; readonly maxVersion: number }>
>

/** What the first broker said that it serves, which kafkajs keeps to itself. */
const offeredApis = (cluster: Cluster): readonly Api[] => {
  const pool = Reflect.get(cluster, 'brokerPool') as { readonly versions: Versions | null }
  return Object.entries(pool.versions ?? {}).map(([key, { minVersion, maxVersion }]) => ({
    key: Number(key),
    least: minVersion,
    most: maxVersion,
  }))
}
