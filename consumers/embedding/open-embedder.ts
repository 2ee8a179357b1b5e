import type { ModelClient } from '../../pipeline/model-client/model-client.ts'
import type { Configuration } from '../../pipeline/service-runtime/configuration.ts'
import type { Embedder } from './embedder.ts'

/** The embeddings endpoint where a model for it is configured and reachable by a client, else the offline features. */
export const openEmbedder = async (
  { model: settings }: Pick<Configuration, 'model'>,
  model: ModelClient | null,
): Promise<Embedder> => {
  if (settings.embeddingModel !== null && model !== null) {
    const { openaiEmbedder } = await import('./openai-embedder.ts')
    return openaiEmbedder(model)
  }
  const { lexicalEmbedder } = await import('./lexical-embedder.ts')
  return lexicalEmbedder
}
