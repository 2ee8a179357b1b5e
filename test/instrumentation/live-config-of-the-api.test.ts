import fastify from 'fastify'
import { expect, onTestFinished, test, vi } from 'vitest'
import { liveConfigRoutes } from '../../controller/api/live-config-routes.ts'
import { assignSession } from '../../controller/release/assign-session.ts'
import {
  applyDecision,
  type LiveConfiguration,
  startConfiguration,
} from '../../controller/release/live-configuration.ts'
import { liveConfig } from '../../instrumentation/live-config.ts'
import { aDecision, aVersion } from '../support/a-decision.ts'

const before = aVersion('before')
const after = aVersion('after')
const share = { weight: 0.5, salt: 'cycle-1' }

test('an agent follows the decisions of the controller through the API', async () => {
  let live: LiveConfiguration = startConfiguration(before.config)
  const server = fastify()
  liveConfigRoutes(server, { of: () => live, onChange: () => () => {} })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close())
  const fallback = { digest: 'code', config: {} }
  const config = await liveConfig({ agent: 'desk', fallback, pollMs: 5, url })
  onTestFinished(() => config.close())
  expect(config.forSession('s')).toEqual(before)

  const sessions = Array.from({ length: 50 }, (_, index) => `session-${index}`)
  const [inCanary = ''] = sessions.filter((session) => assignSession(session, share) === 'canary')
  live = applyDecision(live, aDecision('canary', after, { from: before, canary: share }))
  await vi.waitUntil(() => config.forSession(inCanary).digest === after.digest)
  for (const session of sessions)
    expect(config.forSession(session).config).toEqual(
      assignSession(session, share) === 'canary' ? after.config : before.config,
    )

  live = applyDecision(live, aDecision('promote', after, { from: before }))
  await vi.waitUntil(() => sessions.every((one) => config.forSession(one).digest === after.digest))
})
