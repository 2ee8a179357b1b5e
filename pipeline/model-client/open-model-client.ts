import type { Configuration } from '../service-runtime/configuration.ts'
import type { Secrets } from '../service-runtime/secrets.ts'
import type { ModelClient } from './model-client.ts'
import type { ModelServices } from './openai-model-client.ts'

const PUBLIC_ENDPOINT = 'https://api.openai.com/v1'

/**
 * The model endpoint of the configuration. A key alone means OpenAI's own; a base URL alone an endpoint that asks for
 * no key. null where neither is set: nothing is called, the deterministic paths are taken.
 */
export const openModelClient = async (
  { model }: Pick<Configuration, 'model'>,
  { openAiApiKey }: Pick<Secrets, 'openAiApiKey'>,
  services: ModelServices,
): Promise<ModelClient | null> => {
  if (model.baseUrl === null && openAiApiKey === null) return null
  const { openaiModelClient } = await import('./openai-model-client.ts')
  return openaiModelClient(
    {
      baseUrl: model.baseUrl ?? PUBLIC_ENDPOINT,
      apiKey: openAiApiKey,
      model: model.name,
      embeddingModel: model.embeddingModel,
      timeoutMs: model.timeoutMs,
      maxRetries: model.maxRetries,
    },
    services,
  )
}
