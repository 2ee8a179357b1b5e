import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentConfig, configDigest } from '../../../schemas/agent-config.ts'
import { encodeEvent } from '../../../schemas/cloud-event.ts'
import type { DeploymentDecision } from '../../../schemas/decision.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { aDecision, aVersion } from '../../support/a-decision.ts'
import { openApi, type TestApi } from '../../support/open-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openApi({ configuration: { agents: { support: {} } } })
})
afterAll(() => api.close())

const START = configDigest(agentConfig.parse({}))
const canary = aVersion('a new rule')
const publish = (decision: DeploymentDecision): Promise<void> =>
  api.context.log.append([
    encodeEvent(TOPICS.decisions, decision, {
      id: decision.id,
      source: '/test',
      time: decision.at,
      key: decision.agent,
    }),
  ])
const stable = async (): Promise<string> => {
  const { body } = await api.ask('/v1/agents/support/config')
  return (body as { readonly stable: { readonly digest: string } }).stable.digest
}

test('an agent runs what its decisions say, and is told of each change', async () => {
  expect(await stable()).toBe(START)
  expect((await api.ask('/v1/agents/nobody/config')).status).toBe(404)

  const abort = new AbortController()
  const response = await fetch(`${api.url}/v1/agents/support/config`, {
    headers: { accept: 'text/event-stream' },
    signal: abort.signal,
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toContain(START)

  await publish(aDecision('canary', canary, { canary: { weight: 0.5, salt: 's' } }))
  expect((await reader?.read())?.value).toContain(canary.digest)
  const { body } = await api.ask('/v1/agents/support/config')
  expect(body).toMatchObject({
    stable: { digest: START },
    canary: { digest: canary.digest, weight: 0.5, salt: 's' },
  })
  const arms = await Promise.all(
    Array.from({ length: 20 }, async (_, session) => {
      const answer = await api.ask(`/v1/agents/support/config?session=${session}`)
      return (answer.body as { readonly arm: string }).arm
    }),
  )
  expect(new Set(arms)).toEqual(new Set(['stable', 'canary']))

  await publish(aDecision('promote', canary, { step: 1 }))
  await expect.poll(stable).toBe(canary.digest)
  abort.abort()
})

test('what has not changed is 304', async () => {
  const first = await fetch(`${api.url}/v1/agents/support/config`)
  const etag = first.headers.get('etag') ?? ''
  const again = await fetch(`${api.url}/v1/agents/support/config`, {
    headers: { 'if-none-match': etag },
  })
  expect(again.status).toBe(304)
})
