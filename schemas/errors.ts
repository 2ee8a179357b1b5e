/**
 * The one table of errors: code → kind and what to do. The kind decides the exception class, so that a wrong pairing
 * does not compile; what each reader of the log does with a kind stands in the README of this folder.
 */
export const ERRORS = {
  'config-invalid': {
    kind: 'config',
    text: 'The configuration has problems, all listed. Correct them in neosigma.config.jsonc or the environment.',
  },
  'config-unreadable': {
    kind: 'config',
    text: 'A configuration file cannot be read or is not JSON with comments. Check the path and the syntax.',
  },
  'config-secret-missing': {
    kind: 'config',
    text: 'A secret is missing. Set the named environment variable; secrets are never read from files.',
  },
  'port-in-use': {
    kind: 'config',
    text: 'Another process listens on this port. Stop it or choose another port (NEOSIGMA_*_PORT).',
  },
  'data-folder-in-use': {
    kind: 'config',
    text: 'Another NeoSigma process uses this data folder. Stop it or set NEOSIGMA_DATA_DIR.',
  },
  'data-folder-unusable': {
    kind: 'config',
    text: 'The data folder cannot be created or written. Check its path, owner and mode.',
  },
  'store-newer': {
    kind: 'config',
    text: 'The database was migrated by a newer NeoSigma. Start that version, or restore a backup.',
  },
  'store-refused': {
    kind: 'config',
    text: 'ClickHouse refused the credentials or the rights are too few. Check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.',
  },
  'log-refused': {
    kind: 'config',
    text: 'The broker refused the connection for good (credentials, protocol, rights). Check the KAFKA_* settings.',
  },
  'roles-need-clickhouse': {
    kind: 'config',
    text: 'Store roles in separate processes need a ClickHouse server. Set CLICKHOUSE_URL, or run all roles in one process.',
  },
  'tool-missing': {
    kind: 'config',
    text: 'A program that this needs is not installed or did not do its part. Install it and put it on the PATH.',
  },
  'agent-unknown': {
    kind: 'config',
    text: 'No agent of this name is configured. Add it under `agents` in neosigma.config.jsonc.',
  },
  'payload-malformed': {
    kind: 'invalid-input',
    text: 'The payload cannot be decoded in its declared encoding. Check the encoding and the exporter.',
  },
  'payload-too-large': {
    kind: 'invalid-input',
    text: 'The payload is larger than the limit. Send smaller batches.',
  },
  'content-type-unsupported': {
    kind: 'invalid-input',
    text: 'The content type or encoding is not supported. Use application/x-protobuf or application/json, gzip or none.',
  },
  'event-invalid': {
    kind: 'invalid-input',
    text: 'The event does not follow its schema; the problems are listed. Correct the producer.',
  },
  'event-version-unknown': {
    kind: 'invalid-input',
    text: 'The type or version of the event is unknown to this version of NeoSigma. Upgrade the consumer or fix the producer.',
  },
  'topic-unknown': {
    kind: 'invalid-input',
    text: 'There is no such topic in the table of topics. Check the name, or create the topics.',
  },
  'record-too-large': {
    kind: 'invalid-input',
    text: 'The record is larger than the topic takes. Raise max.message.bytes on topic and broker, or send less.',
  },
  'record-poisonous': {
    kind: 'invalid-input',
    text: 'The record ended its consumer again and again, and was passed over. Please report the reason; it can be replayed once that is mended.',
  },
  'points-invalid': {
    kind: 'invalid-input',
    text: 'A point has a value that is not finite. Remove or repair the named row.',
  },
  'argument-invalid': {
    kind: 'invalid-input',
    text: 'An argument has a value that cannot be used. Give another; the message names it.',
  },
  'file-unreadable': {
    kind: 'invalid-input',
    text: 'The file cannot be read or has another format than the one named. Check path and --format.',
  },
  'query-refused': {
    kind: 'invalid-input',
    text: 'The query is not a single read-only statement, or the engine refused it. Correct the query.',
  },
  'not-found': {
    kind: 'invalid-input',
    text: 'There is nothing under this id. List the ids first.',
  },
  'decision-not-open': {
    kind: 'invalid-input',
    text: 'The decision is not waiting for a review: it expired, was superseded or was already decided. List the decisions first.',
  },
  'split-forbidden': {
    kind: 'invalid-input',
    text: 'The split is sealed for this caller. Evaluate on a split that the stage may see.',
  },
  'log-full': {
    kind: 'transient',
    text: 'The event log has no room (disk or quota). Free space; the sender keeps its data and tries again.',
  },
  'log-unavailable': {
    kind: 'transient',
    text: 'The event log does not answer. It is tried again.',
  },
  'receiver-busy': {
    kind: 'transient',
    text: 'The receiver holds as many bytes as it may. The sender keeps its data and tries again.',
  },
  'store-unavailable': {
    kind: 'transient',
    text: 'The trace store does not answer. Reading stops and goes on when it is back.',
  },
  'model-unavailable': {
    kind: 'transient',
    text: 'The model endpoint is down, slow or limits the rate. It is tried again; without it the deterministic path is taken.',
  },
  'model-answer-unusable': {
    kind: 'transient',
    text: 'The model answered nothing usable (empty, refused, not of the schema). It is asked again a bounded number of times.',
  },
  'agent-unavailable': {
    kind: 'transient',
    text: 'The agent under improvement cannot be reached. The evaluation is tried again and never scored.',
  },
  'invariant-broken': {
    kind: 'invariant',
    text: 'NeoSigma contradicts itself. The process stops with its place uncommitted; a record that does it again goes to the dead letters. Please report the message.',
  },
} as const satisfies Record<string, { readonly kind: ErrorKind; readonly text: string }>

export type ErrorKind = 'config' | 'invalid-input' | 'transient' | 'invariant'
export type ErrorCode = keyof typeof ERRORS
type CodeOf<Kind extends ErrorKind> = {
  [Code in ErrorCode]: (typeof ERRORS)[Code]['kind'] extends Kind ? Code : never
}[ErrorCode]

export interface ErrorOptions {
  readonly cause?: unknown
  /** How long a sender or consumer should wait before it tries again. */
  readonly retryAfterMs?: number
}

/** An error of the table. `message` is `detail` followed by what to do. */
export class NeoSigmaError<Kind extends ErrorKind = ErrorKind> extends Error {
  readonly code: CodeOf<Kind>
  readonly kind: ErrorKind
  readonly detail: string
  readonly retryAfterMs: number | undefined

  constructor(code: CodeOf<Kind>, detail: string, options: ErrorOptions = {}) {
    const entry: { readonly kind: ErrorKind; readonly text: string } = ERRORS[code as ErrorCode]
    super(`${detail} [${code}] ${entry.text}`, { cause: options.cause })
    this.code = code
    this.kind = entry.kind
    this.detail = detail
    this.retryAfterMs = options.retryAfterMs
    this.name = new.target.name
  }
}

/** Refuse to start: exit status 78, all problems in one message. */
export class ConfigError extends NeoSigmaError<'config'> {}
/** The input can never be processed: 400 or dead letter, never retried. */
export class InvalidInputError extends NeoSigmaError<'invalid-input'> {}
/** Try again later: 503 with a retry hint; a consumer keeps its offset. */
export class TransientError extends NeoSigmaError<'transient'> {}
/** A bug: crash with the offset uncommitted. */
export class InvariantError extends NeoSigmaError<'invariant'> {}

type AnyError = ConfigError | InvalidInputError | TransientError | InvariantError

/** An error as another process told it; null for a code that the table does not have. */
export const errorOfCode = (code: string, detail: string): AnyError | null => {
  if (!Object.hasOwn(ERRORS, code)) return null
  switch (ERRORS[code as ErrorCode].kind) {
    case 'config':
      return new ConfigError(code as CodeOf<'config'>, detail)
    case 'invalid-input':
      return new InvalidInputError(code as CodeOf<'invalid-input'>, detail)
    case 'transient':
      return new TransientError(code as CodeOf<'transient'>, detail)
    case 'invariant':
      return new InvariantError(code as CodeOf<'invariant'>, detail)
  }
}
