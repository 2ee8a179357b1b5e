export interface Login {
  readonly username: string
  readonly password: string
}

export interface BrokerLayout {
  readonly dataDir: string
  readonly port: number
  readonly controllerPort: number
  /** A second listener that demands a login (SASL PLAIN without TLS). */
  readonly withLogin: { readonly port: number; readonly login: Login } | null
}

const PLAIN_LOGIN = 'org.apache.kafka.common.security.plain.PlainLoginModule'

/**
 * The `server.properties` of one broker that is its own controller, on loopback. Everything that Kafka keeps in three
 * copies by default has one here, and the groups' offsets one partition: this is one machine, not a cluster.
 */
export const serverProperties = ({
  dataDir,
  port,
  controllerPort,
  withLogin,
}: BrokerLayout): string => {
  const clients = [`PLAINTEXT://127.0.0.1:${port}`]
  if (withLogin !== null) clients.push(`LOGIN://127.0.0.1:${withLogin.port}`)
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    `listeners=${clients.join(',')},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=${clients.join(',')}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,LOGIN:SASL_PLAINTEXT',
    ...(withLogin === null ? [] : loginProperties(withLogin.login)),
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

const loginProperties = ({ username, password }: Login): readonly string[] => [
  'listener.name.login.sasl.enabled.mechanisms=PLAIN',
  `listener.name.login.plain.sasl.jaas.config=${PLAIN_LOGIN} required user_${username}="${quoted(password)}";`,
]

/** Escaped once for the text in quotes, and its backslashes once more for the file of properties. */
const quoted = (text: string): string => text.replace(/[\\"]/g, '\\$&').replaceAll('\\', '\\\\')
