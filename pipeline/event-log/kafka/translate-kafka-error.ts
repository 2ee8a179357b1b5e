import {
  ConfigError,
  InvalidInputError,
  NeoSigmaError,
  TransientError,
} from '../../../schemas/errors.ts'

const UNKNOWN_TOPIC = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION'])
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/** Credentials, rights, protocol: nobody mends them by waiting. */
const REFUSED = new Set([
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
 * kafkajs' error as one of ours, by the broker's code or the class of the error, never by its text. What has no code of
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

export const isOffsetGone = (error: unknown): boolean =>
  codesOf(error).includes('OFFSET_OUT_OF_RANGE')

/** The broker's codes and the classes of the error and of everything that it was made from. */
const codesOf = (error: unknown): readonly string[] =>
  chainOf(error).flatMap((link) => [
    ...('type' in link && typeof link.type === 'string' ? [link.type] : []),
    ...(link instanceof Error ? [link.name] : []),
  ])

const wordsOf = (error: unknown): string =>
  [...new Set(chainOf(error).map((link) => (link instanceof Error ? link.message : '')))]
    .filter((words) => words !== '')
    .join('; ') || String(error)

/** An aggregate (several topics in one request) counts with each of its parts. */
const chainOf = (error: unknown): readonly object[] => {
  if (typeof error !== 'object' || error === null) return []
  const cause = 'cause' in error && error.cause !== error ? error.cause : null
  const parts = 'errors' in error && Array.isArray(error.errors) ? error.errors : []
  return [error, ...chainOf(cause), ...parts.flatMap(chainOf)]
}
