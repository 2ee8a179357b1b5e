import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import type { ChatRequest, ModelClient } from '../../pipeline/model-client/model-client.ts'
import { openModelClient } from '../../pipeline/model-client/open-model-client.ts'
import {
  type ConfigurationInput,
  configuration,
} from '../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS, secretOf } from '../../pipeline/service-runtime/secrets.ts'
import { type Behaviour, type ModelEndpointServer, startModelEndpoint } from './model-endpoint.ts'

/** What the client's clock says, always. */
export const START_MS = Date.UTC(2026, 2, 1)

export interface OpenedModel {
  readonly client: ModelClient
  readonly pauses: number[]
  readonly counts: Map<string, number>
}

/** A client whose pauses take no time, with what it paused and counted. */
export const openModel = async (
  model: ConfigurationInput['model'],
  key: string | null = 'key-of-the-test',
): Promise<OpenedModel> => {
  const pauses: number[] = []
  const counts = new Map<string, number>()
  const client = await openModelClient(
    configuration.parse({ model }),
    { ...NO_SECRETS, openAiApiKey: key === null ? null : secretOf(key) },
    {
      clock: {
        nowMs: () => START_MS,
        sleep: async (ms) => {
          pauses.push(ms)
        },
      },
      logger: pino({ level: 'silent' }),
      metrics: {
        count: (name, by = 1, labels = {}) => {
          const key = `${name} ${Object.values(labels).join(' ')}`
          counts.set(key, (counts.get(key) ?? 0) + by)
        },
        record: () => {},
        gauge: () => {},
        handleScrape: () => {},
        close: async () => {},
      },
    },
  )
  if (client === null) throw new Error('no client')
  return { client, pauses, counts }
}

/** The same on an endpoint that behaves as told; both close with the test. */
export const openModelOn = async (
  behave: Behaviour,
  settings: ConfigurationInput['model'] = {},
): Promise<OpenedModel & { readonly server: ModelEndpointServer }> => {
  const server = await startModelEndpoint(behave)
  onTestFinished(() => server.close())
  const opened = await openModel({ baseUrl: server.baseUrl, embeddingModel: 'e', ...settings })
  return { ...opened, server }
}

export const question: ChatRequest = {
  purpose: 'diagnosis',
  messages: [
    { role: 'system', content: 'You judge.' },
    { role: 'user', content: 'Well?' },
  ],
}
export const asJson: ChatRequest = {
  ...question,
  schema: { name: 'verdict', schema: { type: 'object', properties: { ok: { type: 'boolean' } } } },
  temperature: 0,
  seed: 4,
  maxTokens: 50,
}
