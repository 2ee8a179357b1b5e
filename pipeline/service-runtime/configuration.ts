import { z } from 'zod'
import { policy } from '../../schemas/policy.ts'
import { evaluatorSettings, signalSettings } from '../../schemas/signal-settings.ts'
import { taskTypeRule } from '../../schemas/task-type-rule.ts'

const port = (description: string, env: string, standard: number) =>
  z.number().int().min(0).max(65_535).default(standard).meta({ description, env })

const file = (description: string) => z.string().nullable().default(null).meta({ description })

const tls = z.strictObject({
  enabled: z.boolean().default(false).meta({ description: 'Whether connections are encrypted' }),
  caFile: file('Certificate of the authority (PEM); null: those that Node knows'),
  certFile: file('Certificate of this client (PEM), where the broker asks for one'),
  keyFile: file('Its private key (PEM)'),
  serverName: file('Name in the certificate of the broker, where it differs from the address'),
})

const eventLog = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('sqlite'),
    maxBytes: z
      .number()
      .int()
      .positive()
      .default(20_000_000_000)
      .meta({ description: 'Quota of the file; beyond it appends answer log-full' }),
  }),
  z.strictObject({
    driver: z.literal('kafka'),
    brokers: z.array(z.string()).min(1).meta({ description: 'Addresses, host:port' }),
    clientId: z
      .string()
      .default('neosigma')
      .meta({ description: 'Name under which the brokers see this process' }),
    createTopics: z.boolean().default(true).meta({ description: 'Make missing topics at start' }),
    replicationFactor: z
      .number()
      .int()
      .min(1)
      .default(1)
      .meta({ description: 'Copies of a topic that is made' }),
    client: z
      .enum(['kafkajs', 'platformatic'])
      .default('platformatic')
      .meta({ description: 'Client library' }),
    compression: z
      .enum(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
      .default('lz4')
      .meta({ description: 'How records are written; all of them are read' }),
    sasl: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).default('plain').meta({
      description: 'How the login (KAFKA_USERNAME, KAFKA_PASSWORD) is proved',
    }),
    tls: tls.prefault({}),
  }),
])

const days = z.number().int().min(1).max(36_500)

const traceStore = z.discriminatedUnion('driver', [
  z.strictObject({ driver: z.literal('chdb') }),
  z.strictObject({
    driver: z.literal('clickhouse'),
    url: z.url({ protocol: /^https?$/ }).meta({ description: 'Address of the server' }),
    user: z
      .string()
      .default('default')
      .meta({ description: 'User name; the password is CLICKHOUSE_PASSWORD' }),
    database: z
      .string()
      .regex(/^\w+$/)
      .default('otel')
      .meta({ description: 'Database of all tables' }),
    cluster: z
      .string()
      .regex(/^[\w.{}-]+$/)
      .nullable()
      .default(null)
      .meta({
        description:
          'Cluster on whose servers the tables are made and changed (ON CLUSTER); null: on this server alone',
      }),
    replicated: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether tables that are made have the replicated engines' }),
  }),
])

const agent = z.strictObject({
  run: z
    .string()
    .regex(
      /^(module:\s*\S|command:\s*\S|https?:\/\/\S)/,
      'is none of module:PATH, http(s)://HOST and command:LINE',
    )
    .optional()
    .meta({
      description:
        'How it is run: module:PATH, http(s)://HOST or command:LINE (protocol neosigma.run/1)',
    }),
  suite: z.string().optional().meta({ description: 'File of tasks, neosigma.suite/1' }),
  config: z
    .string()
    .optional()
    .meta({ description: 'File of the AgentConfig in production when the loop begins' }),
  policy: policy.prefault({}),
})

/** The whole configuration. Every field has a default that starts the embedded system. */
export const configuration = z.strictObject({
  dataDir: z
    .string()
    .default('.neosigma')
    .meta({ description: 'Data folder', env: 'NEOSIGMA_DATA_DIR' }),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .meta({ description: 'Least severe log line', env: 'NEOSIGMA_LOG_LEVEL' }),
  receiver: z
    .strictObject({
      host: z
        .string()
        .default('127.0.0.1')
        .meta({ description: 'Address for OTLP', env: 'NEOSIGMA_OTLP_HOST' }),
      grpcPort: port('OTLP over gRPC', 'NEOSIGMA_OTLP_GRPC_PORT', 4317),
      httpPort: port('OTLP over HTTP', 'NEOSIGMA_OTLP_HTTP_PORT', 4318),
      maxBodyBytes: z
        .number()
        .int()
        .positive()
        .default(20 * 1024 * 1024)
        .meta({ description: 'Largest request, after decompression' }),
    })
    .prefault({}),
  api: z
    .strictObject({
      host: z
        .string()
        .default('127.0.0.1')
        .meta({ description: 'Address of the API', env: 'NEOSIGMA_API_HOST' }),
      port: port('API', 'NEOSIGMA_API_PORT', 4320),
    })
    .prefault({}),
  health: z
    .strictObject({
      host: z
        .string()
        .default('127.0.0.1')
        .meta({ description: 'Address of health and metrics', env: 'NEOSIGMA_HEALTH_HOST' }),
      port: port('healthz, readyz and metrics of `serve`', 'NEOSIGMA_HEALTH_PORT', 4321),
    })
    .prefault({}),
  eventLog: eventLog.prefault({ driver: 'sqlite' }),
  traceStore: traceStore.prefault({ driver: 'chdb' }),
  retention: z
    .strictObject({
      telemetryDays: days.default(30).meta({
        description: 'How long spans and logs stay after their arrival',
        env: 'NEOSIGMA_TELEMETRY_DAYS',
      }),
      runsDays: days.nullable().default(null).meta({
        description:
          'How long runs, signals and members of clusters stay; null: for good. Not less than the window of the miner',
        env: 'NEOSIGMA_RUNS_DAYS',
      }),
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      otlpEndpoint: z
        .url({ protocol: /^https?$/ })
        .nullable()
        .default(null)
        .meta({
          description: 'Where own metrics and logs are sent, OTLP over HTTP; null: nowhere',
          env: 'NEOSIGMA_TELEMETRY_OTLP_ENDPOINT',
        }),
      intervalMs: z.number().int().positive().default(10_000).meta({ description: 'How often' }),
    })
    .prefault({}),
  runs: z
    .strictObject({
      quietMs: z.number().int().min(0).default(5000).meta({
        description: 'A run closes after so long without new data',
        env: 'NEOSIGMA_RUN_QUIET_MS',
      }),
      pollMs: z
        .number()
        .int()
        .positive()
        .default(500)
        .meta({ description: 'How often traces are looked for that are due' }),
      passThreshold: z
        .number()
        .min(0)
        .max(1)
        .default(0.5)
        .meta({ description: 'θ: a lower score is a failure' }),
      passThresholds: z
        .record(z.string(), z.number().min(0).max(1))
        .default({})
        .meta({ description: 'θ by task type' }),
      taskTypes: z.array(taskTypeRule).default([]).meta({
        description:
          'Rules by which runs that do not name their task type get one; the first that applies. Else it is the name of the prompt',
      }),
    })
    .prefault({}),
  signals: signalSettings.prefault({}),
  evaluators: evaluatorSettings.prefault({}),
  miner: z
    .strictObject({
      windowHours: z
        .number()
        .positive()
        .default(168)
        .meta({ description: 'W: failures older than this do not count' }),
      halfLifeHours: z.number().positive().default(24).meta({
        description: 'After so long without a new failure a cluster has half its priority',
      }),
      graceHours: z
        .number()
        .min(0)
        .default(1)
        .meta({ description: 'How late a failure may be and still count' }),
      minClusterSize: z
        .number()
        .int()
        .min(2)
        .default(3)
        .meta({ description: 'Fewer alike failures are noise' }),
      reclusterMs: z
        .number()
        .int()
        .positive()
        .default(5000)
        .meta({ description: 'Least time between re-clusterings' }),
      scheduleMs: z.number().int().positive().default(60_000).meta({
        description: 'What is new is clustered after so long, also where it has not drifted',
      }),
      maxModelCallsPerDay: z.number().int().min(0).default(500).meta({
        description:
          'Questions to the model about failures in a day, in UTC; rules go on without it',
      }),
      publishAgeMs: z.number().int().positive().default(900_000).meta({
        description: 'A ranking is published again after so long, also where nothing has changed',
      }),
    })
    .prefault({}),
  model: z
    .strictObject({
      baseUrl: z
        .url({ protocol: /^https?$/ })
        .nullable()
        .default(null)
        .meta({ description: 'OpenAI-compatible endpoint', env: 'OPENAI_BASE_URL' }),
      name: z
        .string()
        .default('gpt-4o-mini')
        .meta({ description: 'Model of diagnosis and proposals', env: 'NEOSIGMA_MODEL' }),
      embeddingModel: z.string().nullable().default(null).meta({
        description: 'Embeds failures; null takes the offline features',
        env: 'NEOSIGMA_EMBEDDING_MODEL',
      }),
      timeoutMs: z
        .number()
        .int()
        .positive()
        .default(60_000)
        .meta({ description: 'For one answer' }),
      maxRetries: z
        .number()
        .int()
        .min(0)
        .default(3)
        .meta({ description: 'Tries after the first one' }),
    })
    .prefault({}),
  controller: z
    .strictObject({
      enabled: z.boolean().default(true).meta({ description: 'Whether cycles are started at all' }),
      seed: z
        .number()
        .int()
        .default(1)
        .meta({ description: 'Seed of all random choices of the loop' }),
    })
    .prefault({}),
  agents: z
    .record(z.string(), agent)
    .default({})
    .meta({ description: 'The agents that the loop may improve, by agent name' }),
})

export type Configuration = z.infer<typeof configuration>
/** What a file or a caller may give: every field is optional. */
export type ConfigurationInput = z.input<typeof configuration>
export type AgentSettings = z.infer<typeof agent>
