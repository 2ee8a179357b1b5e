export interface Login {
  readonly username: string
  readonly password: string
}

export interface BrokerLayout {
  readonly dataDir: string
  readonly port: number
  readonly controllerPort: number
  /** A second listener that demands a login (SASL PLAIN or SCRAM, without TLS). */
  readonly withLogin: { readonly port: number; readonly login: Login } | null
  /** A third one that encrypts, and demands the login where there is one. */
  readonly withTls: { readonly port: number; readonly keyStore: KeyStore } | null
}

/** Key and certificate of the broker, as PKCS #12. */
export interface KeyStore {
  readonly file: string
  readonly password: string
}

const SECURITY = 'org.apache.kafka.common.security'
const PLAIN_LOGIN = `${SECURITY}.plain.PlainLoginModule`
const SCRAM_LOGIN = `${SECURITY}.scram.ScramLoginModule`
/** Their users are made when the folder is formatted. */
export const SCRAM_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

/**
 * The `server.properties` of one broker that is its own controller, on loopback. Everything that Kafka keeps in three
 * copies by default has one here, and the groups' offsets one partition: this is one machine, not a cluster.
 */
export const serverProperties = ({
  dataDir,
  port,
  controllerPort,
  withLogin,
  withTls,
}: BrokerLayout): string => {
  const clients = [`PLAINTEXT://127.0.0.1:${port}`]
  if (withLogin !== null) clients.push(`LOGIN://127.0.0.1:${withLogin.port}`)
  if (withTls !== null) clients.push(`ENCRYPTED://127.0.0.1:${withTls.port}`)
  const encrypted = withLogin === null ? 'SSL' : 'SASL_SSL'
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    `listeners=${clients.join(',')},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=${clients.join(',')}`,
    `listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,LOGIN:SASL_PLAINTEXT,ENCRYPTED:${encrypted}`,
    ...(withLogin === null
      ? []
      : ['login', 'encrypted'].flatMap((name) => loginProperties(name, withLogin.login))),
    ...(withTls === null ? [] : tlsProperties(withTls.keyStore)),
    `log.dirs=${dataDir}/log`,
    ...ONE_COPY,
    'group.initial.rebalance.delay.ms=0',
    'auto.create.topics.enable=false',
    'message.max.bytes=16777216',
    'replica.fetch.max.bytes=16777216',
    'log.cleaner.dedupe.buffer.size=16777216',
    // After SIGKILL the controller refuses the broker until its last session is over: 4 s instead of 12 s.
    'broker.session.timeout.ms=2000',
    'broker.heartbeat.interval.ms=500',
    '',
  ].join('\n')
}

const ONE_COPY = [
  'offsets.topic.replication.factor=1',
  'offsets.topic.num.partitions=1',
  'transaction.state.log.replication.factor=1',
  'transaction.state.log.min.isr=1',
  'transaction.state.log.num.partitions=1',
  'share.coordinator.state.topic.replication.factor=1',
  'share.coordinator.state.topic.min.isr=1',
  'share.coordinator.state.topic.num.partitions=1',
]

const loginProperties = (listener: string, { username, password }: Login): readonly string[] => [
  `listener.name.${listener}.sasl.enabled.mechanisms=PLAIN,${SCRAM_MECHANISMS.join(',')}`,
  `listener.name.${listener}.plain.sasl.jaas.config=${PLAIN_LOGIN} required user_${username}="${quoted(password)}";`,
  ...SCRAM_MECHANISMS.map(
    (mechanism) =>
      `listener.name.${listener}.${mechanism.toLowerCase()}.sasl.jaas.config=${SCRAM_LOGIN} required;`,
  ),
]

const tlsProperties = ({ file, password }: KeyStore): readonly string[] => [
  'ssl.keystore.type=PKCS12',
  `ssl.keystore.location=${file}`,
  `ssl.keystore.password=${password}`,
]

/** Escaped once for the text in quotes, and its backslashes once more for the file of properties. */
const quoted = (text: string): string => text.replace(/[\\"]/g, '\\$&').replaceAll('\\', '\\\\')
