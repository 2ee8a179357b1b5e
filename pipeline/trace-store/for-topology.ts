export interface Topology {
  /** The statements that make and change tables run on every replica of this cluster; null: on the server that is asked. */
  readonly cluster: string | null
  /** Tables have the replicated engines, with the server's default path and name. */
  readonly replicated: boolean
}

export const ONE_SERVER: Topology = { cluster: null, replicated: false }

/** So long a writer may be away and still repeat its last inserts. */
const REMEMBERED_SECONDS = 7 * 86_400

/** The beginnings of the statements that take ON CLUSTER, up to where it stands. */
const DEFINITIONS = [
  /^\s*CREATE (?:DATABASE|TABLE|MATERIALIZED VIEW)(?: IF NOT EXISTS)? [\w.`]+/i,
  /^\s*(?:ALTER|TRUNCATE) TABLE [\w.`]+/i,
  /^\s*DROP (?:DATABASE|TABLE|VIEW)(?: IF EXISTS)? [\w.`]+/i,
  /^\s*EXCHANGE TABLES [\w.`]+ AND [\w.`]+/i,
]

/** A statement as the topology wants it. Only statements of NeoSigma's own make pass here; those on rows stay as they are. */
export const forTopology = (sql: string, { cluster, replicated }: Topology): string => {
  const statement = replicated ? withReplicatedEngine(sql) : sql
  const definition = DEFINITIONS.find((beginning) => beginning.test(statement))
  return cluster === null || definition === undefined
    ? statement
    : statement.replace(definition, (found) => `${found} ON CLUSTER \`${cluster}\``)
}

/** Replicas share what they know of the last inserts, under settings of their own. */
const withReplicatedEngine = (sql: string): string =>
  sql
    .replace(/\bENGINE = (?!Replicated)(\w*MergeTree)\b/, 'ENGINE = Replicated$1')
    .replace(
      /\bnon_replicated_deduplication_window = (\d+)/,
      `replicated_deduplication_window = $1, replicated_deduplication_window_seconds = ${REMEMBERED_SECONDS}`,
    )
