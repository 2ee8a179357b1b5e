import {
  ConfigError,
  InvalidInputError,
  NeoSigmaError,
  TransientError,
} from '../../../schemas/errors.ts'

const UNKNOWN_TOPIC = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION'])
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/** Credentials, certificates, rights, protocol: nobody mends them by waiting. */
const REFUSED = new Set([
  'PLT_KFK_AUTHENTICATION',
  'PLT_KFK_UNSUPPORTED_API',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'KafkaJSSASLAuthenticationError',
  'KafkaJSServerDoesNotSupportApiKey',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'SECURITY_DISABLED',
  'UNSUPPORTED_VERSION',
  'CLUSTER_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'POLICY_VIOLATION',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
  'INVALID_SESSION_TIMEOUT',
  'INCONSISTENT_GROUP_PROTOCOL',
])

/** The membership has ended, or will with the generation: somebody else owns the partitions now or soon. */
const OWNERSHIP_LOST = new Set([
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'FENCED_INSTANCE_ID',
  'NOT_COORDINATOR_FOR_GROUP',
])

/**
 * A client's error as one of ours, by the broker's code or the class of the error, never by its text. What has no code of
 * the broker never reached it, or lost it on the way: it is tried again.
 */
export const translateKafkaError = (error: unknown, what: string): Error => {
  if (error instanceof NeoSigmaError) return error
  const codes = codesOf(error)
  const detail = `${what}: ${wordsOf(error)}`
  const has = (known: ReadonlySet<string>): boolean => codes.some((code) => known.has(code))
  if (has(REFUSED)) return new ConfigError('log-refused', detail, { cause: error })
  if (has(UNKNOWN_TOPIC)) return new InvalidInputError('topic-unknown', detail, { cause: error })
  if (has(TOO_LARGE)) return new InvalidInputError('record-too-large', detail, { cause: error })
  return new TransientError('log-unavailable', detail, { cause: error })
}

export const translatedKafka = async <Result>(
  what: string,
  act: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await act()
  } catch (error) {
    throw translateKafkaError(error, what)
  }
}

export const isOwnershipLost = (error: unknown): boolean =>
  codesOf(error).some((code) => OWNERSHIP_LOST.has(code))

/** Others join or leave: the present owners are asked to finish what they have and to join again. */
export const isRebalancing = (error: unknown): boolean =>
  codesOf(error).includes('REBALANCE_IN_PROGRESS')

export const isTopicThere = (error: unknown): boolean =>
  codesOf(error).includes('TOPIC_ALREADY_EXISTS')

export const isOffsetGone = (error: unknown): boolean =>
  codesOf(error).includes('OFFSET_OUT_OF_RANGE')

/** The broker's codes and the classes of the error and of everything that it was made from. */
const codesOf = (error: unknown): readonly string[] =>
  chainOf(error).flatMap((link) => [
    ...textsOf(link, ['type', 'apiId', 'code']),
    ...(link instanceof Error ? [link.name] : []),
  ])

/** The reason often stands deep in the chain of causes. */
const wordsOf = (error: unknown): string => {
  const words = chainOf(error).flatMap((link) =>
    textsOf(link, ['message', 'serverErrorMessage']).filter((text) => text !== ''),
  )
  return [...new Set(words)].join('; ') || String(error)
}

const textsOf = (link: object, names: readonly string[]): readonly string[] =>
  names.map((name) => Reflect.get(link, name)).filter((text) => typeof text === 'string')

/** An aggregate (several topics in one request) counts with each of its parts. */
const chainOf = (error: unknown): readonly object[] => {
  if (typeof error !== 'object' || error === null) return []
  const cause = 'cause' in error && error.cause !== error ? error.cause : null
  const parts = 'errors' in error && Array.isArray(error.errors) ? error.errors : []
  return [error, ...chainOf(cause), ...parts.flatMap(chainOf)]
}
