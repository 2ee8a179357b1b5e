import { expect, test } from 'vitest'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { agentConfig } from '../../schemas/agent-config.ts'
import { policy } from '../../schemas/policy.ts'

const SCHEMAS = { agentConfig, policy, configuration }

test.each(Object.entries(SCHEMAS))('%s needs nothing, and keeps its own defaults', (_, schema) => {
  const standard = schema.parse({})
  expect(schema.parse(standard)).toEqual(standard)
})

test.each(Object.entries(SCHEMAS))('%s refuses what it does not know', (_, schema) => {
  expect(schema.safeParse({ unknown: 1 }).success).toBe(false)
})

test('the standard configuration is the embedded system on loopback', () => {
  const { eventLog, traceStore, receiver, api, health, model } = configuration.parse({})
  expect(eventLog.driver).toBe('sqlite')
  expect(traceStore.driver).toBe('chdb')
  expect([receiver.host, api.host, health.host]).toEqual(Array(3).fill('127.0.0.1'))
  expect([receiver.grpcPort, receiver.httpPort, api.port]).toEqual([4317, 4318, 4320])
  expect(model.baseUrl).toBeNull()
})

test('the standard policy releases only what is of low risk, in steps, within a budget', () => {
  const { gate, release, search, test: gateTest } = policy.parse({})
  expect(gate.autoDeployUpTo).toBe('low')
  expect(release.canary).toBe(true)
  expect(search.maxAgentRuns).toBe(400)
  expect(gateTest.margin).toBe(0.05)
})
