import kafkajs from 'kafkajs'
import { expect, test } from 'vitest'
import {
  isOwnershipLost,
  isRebalancing,
  translateKafkaError,
} from '../../../../pipeline/event-log/kafka/translate-kafka-error.ts'
import { TransientError } from '../../../../schemas/errors.ts'

const { KafkaJSNumberOfRetriesExceeded } = kafkajs

const ofType = (type: string): Error => Object.assign(new Error(`said ${type}`), { type })

const named = (name: string): Error => Object.assign(new Error(name), { name })

test.each([
  [ofType('UNKNOWN_TOPIC_OR_PARTITION'), 'topic-unknown'],
  [ofType('MESSAGE_TOO_LARGE'), 'record-too-large'],
  [ofType('TOPIC_AUTHORIZATION_FAILED'), 'log-refused'],
  [named('KafkaJSSASLAuthenticationError'), 'log-refused'],
  [ofType('NOT_LEADER_FOR_PARTITION'), 'log-unavailable'],
  [Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'log-unavailable'],
  ['words', 'log-unavailable'],
])('%s is %s', (error, code) => {
  expect(translateKafkaError(error, 'append')).toMatchObject({ code, cause: error })
})

test('the reason is found however deep it lies, and every reason is told', () => {
  const inner = ofType('MESSAGE_TOO_LARGE')
  const outer = new Error('outer', { cause: inner })
  expect(translateKafkaError(outer, 'append')).toMatchObject({
    code: 'record-too-large',
    message: expect.stringContaining('outer; said MESSAGE_TOO_LARGE'),
  })
  const exceeded = new KafkaJSNumberOfRetriesExceeded(ofType('UNKNOWN_TOPIC_OR_PARTITION'), {
    retryCount: 1,
    retryTime: 1,
  })
  expect(translateKafkaError(exceeded, 'append')).toMatchObject({ code: 'topic-unknown' })
  const parts = Object.assign(new Error('several'), { errors: [ofType('INVALID_CONFIG')] })
  expect(translateKafkaError(parts, 'createTopics')).toMatchObject({ code: 'log-refused' })
})

test('an error of ours stays what it is', () => {
  const error = new TransientError('log-full', 'x')
  expect(translateKafkaError(error, 'append')).toBe(error)
})

test('an end of the ownership is told from a rebalance that can be joined', () => {
  expect(isOwnershipLost(ofType('ILLEGAL_GENERATION'))).toBe(true)
  expect(isOwnershipLost(ofType('REBALANCE_IN_PROGRESS'))).toBe(false)
  expect(isRebalancing(ofType('REBALANCE_IN_PROGRESS'))).toBe(true)
})
