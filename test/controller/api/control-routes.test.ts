import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeEvent } from '../../../schemas/cloud-event.ts'
import type { DeploymentDecision } from '../../../schemas/decision.ts'
import { storeTime } from '../../../schemas/tables.ts'
import { type EventTopic, TOPICS } from '../../../schemas/topics.ts'
import { aDecision, aVersion } from '../../support/a-decision.ts'
import { openApi, type TestApi } from '../../support/open-api.ts'

const T0 = Date.parse('2026-03-01T10:00:00.000Z')
const iso = (minutes: number): string => new Date(T0 + minutes * 60_000).toISOString()
const version = aVersion('be kind')

const decision = (
  id: string,
  kind: DeploymentDecision['decision'],
  rest: Partial<DeploymentDecision> & { readonly cycleId: string },
): DeploymentDecision => {
  const { cycleId, ...overrides } = rest
  return {
    ...aDecision(kind, version, { cycleId }),
    id,
    expiresAt: null,
    ...overrides,
  }
}
const DECISIONS = [
  decision('open', 'pending-review', { cycleId: 'a', at: iso(1) }),
  decision('expired', 'pending-review', { cycleId: 'b', at: iso(2), expiresAt: iso(3) }),
  decision('decided', 'pending-review', { cycleId: 'c', at: iso(3) }),
  decision('canary', 'canary', { cycleId: 'c', at: iso(4) }),
  decision('other', 'reject', { cycleId: 'd', at: iso(5), agent: 'sales' }),
]

let api: TestApi
beforeAll(async () => {
  api = await openApi({ configuration: { agents: { support: {} } } })
  const { store } = api.context
  await store.insert(
    'neosigma_decisions',
    DECISIONS.map((one) => ({
      Id: one.id,
      Agent: one.agent,
      Decision: one.decision,
      CycleId: one.causation.cycleId ?? '',
      Body: JSON.stringify(one),
      At: storeTime(Date.parse(one.at)),
      Version: '1',
    })),
  )
  await store.insert(
    'neosigma_cycles',
    ['a', 'b', 'c'].map((id, index) => ({
      Id: id,
      Agent: 'support',
      ClusterId: 'c-1',
      Outcome: id === 'a' ? '' : 'Rejected',
      Body: JSON.stringify({ id, outcome: id === 'a' ? null : 'Rejected' }),
      StartedAt: storeTime(T0 + index),
      UpdatedAt: storeTime(T0 + index),
      Version: '1',
    })),
  )
})
afterAll(() => api.close())

const ids = async (path: string): Promise<readonly string[]> => {
  const { body } = await api.ask(path)
  return (body as { readonly items: readonly { readonly id: string }[] }).items.map(({ id }) => id)
}
const published = async (topic: EventTopic) => {
  const events: unknown[] = []
  for await (const record of api.context.log.readAll(topic.name))
    events.push(decodeEvent(topic, record))
  return events
}

describe('the listings of the controller', () => {
  test('go from the newest to the oldest and hold what was published', async () => {
    expect(await ids('/v1/decisions')).toEqual(['other', 'canary', 'decided', 'expired', 'open'])
    expect(await ids('/v1/cycles')).toEqual(['c', 'b', 'a'])
    const { body } = await api.ask('/v1/decisions?agent=sales')
    expect(body).toEqual({ items: [DECISIONS.at(-1)], next: null })
  })

  test('filter, and page without gaps', async () => {
    expect(await ids('/v1/decisions?decision=pending-review&cycle=c')).toEqual(['decided'])
    expect(await ids('/v1/cycles?outcome=Rejected')).toEqual(['c', 'b'])
    const { body } = await api.ask('/v1/decisions?limit=3')
    const { next } = body as { readonly next: string }
    expect(await ids(`/v1/decisions?cursor=${next}`)).toEqual(['expired', 'open'])
  })
})

describe('a review', () => {
  test('becomes a command and an entry of the audit', async () => {
    const answer = await api.post('/v1/decisions/open/approve', { reviewer: 'ada', comment: 'ok' })
    expect(answer).toMatchObject({ status: 202, body: { decisionId: 'open', approved: true } })
    expect(await published(TOPICS.commands)).toMatchObject([
      {
        type: 'review',
        agent: 'support',
        decisionId: 'open',
        approved: true,
        reviewer: 'ada',
        comment: 'ok',
      },
    ])
    expect(await published(TOPICS.audit)).toMatchObject([
      { actor: 'ada', action: 'approve', target: 'open', detail: { comment: 'ok' } },
    ])
  })

  test('given twice is one command', async () => {
    await api.post('/v1/decisions/open/reject', { reviewer: 'bob' })
    await api.post('/v1/decisions/open/reject', { reviewer: 'bob' })
    const commands = (await published(TOPICS.commands)) as readonly { readonly id: string }[]
    expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length - 1)
  })

  test.each([
    ['expired', 409, 'decision-not-open'],
    ['decided', 409, 'decision-not-open'],
    ['canary', 409, 'decision-not-open'],
    ['nothing', 404, 'not-found'],
  ])('of the decision %s is refused with %i', async (id, status, code) => {
    const answer = await api.post(`/v1/decisions/${id}/approve`, { reviewer: 'ada' })
    expect(answer).toMatchObject({ status, body: { error: { code } } })
  })

  test('needs a reviewer', async () => {
    expect((await api.post('/v1/decisions/open/approve', {})).status).toBe(400)
    expect((await api.post('/v1/decisions/open/approve', { reviewer: ' ' })).status).toBe(400)
  })

  test('from a page of another site is refused', async () => {
    const init = { method: 'POST', headers: { origin: 'https://elsewhere.example' } }
    expect((await api.ask('/v1/decisions/open/approve', init)).status).toBe(403)
  })
})

describe('a roll-back', () => {
  test('becomes a command and an entry of the audit', async () => {
    const answer = await api.post('/v1/agents/support/rollback', { reviewer: 'ada' })
    expect(answer).toMatchObject({ status: 202, body: { agent: 'support', to: null } })
    const [last] = (await published(TOPICS.commands)).slice(-1)
    expect(last).toMatchObject({ type: 'rollback', agent: 'support', to: null, reviewer: 'ada' })
  })

  test('of an agent that nobody knows is 404, to a version that never ran 400', async () => {
    expect((await api.post('/v1/agents/nobody/rollback', { reviewer: 'ada' })).status).toBe(404)
    const to = `sha256:${'0'.repeat(64)}`
    const answer = await api.post('/v1/agents/support/rollback', { reviewer: 'ada', to })
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'argument-invalid' } } })
  })
})
