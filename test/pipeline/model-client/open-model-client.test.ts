import { describe, expect, onTestFinished, test } from 'vitest'
import { openModelClient } from '../../../pipeline/model-client/open-model-client.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'
import { completion, sendJson, startModelEndpoint } from '../../support/model-endpoint.ts'
import { openModel, question } from '../../support/open-model.ts'

describe('the configuration', () => {
  test('without endpoint and key means no model', async () => {
    const { clock, logger, metrics } = { clock: null, logger: null, metrics: null } as never
    expect(
      await openModelClient(configuration.parse({}), NO_SECRETS, { clock, logger, metrics }),
    ).toBeNull()
  })

  test('of an endpoint without a key sends a placeholder', async () => {
    const server = await startModelEndpoint((response) => sendJson(response, 200, completion('ok')))
    onTestFinished(() => server.close())
    const { client } = await openModel({ baseUrl: server.baseUrl }, null)
    await client.chat(question)
    expect(server.requests[0]?.headers['authorization']).toBe('Bearer none')
  })
})
