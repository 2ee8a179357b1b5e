import type { LoadedConfiguration } from '../../../pipeline/service-runtime/load-config.ts'
import { type Check, fail, ok, warn } from './check.ts'

const NAME = 'model endpoint'
const TIMEOUT_MS = 10_000

/** Asks for the list of models, which costs nothing. */
export const checkModel = async ({
  configuration: { model },
  secrets: { openAiApiKey },
}: LoadedConfiguration): Promise<Check> => {
  if (model.baseUrl === null && openAiApiKey === null)
    return warn(
      NAME,
      'none configured',
      'Diagnosis and proposals take the deterministic path. Set OPENAI_API_KEY or OPENAI_BASE_URL for a model.',
    )
  const url = `${(model.baseUrl ?? 'https://api.openai.com/v1').replace(/\/$/, '')}/models`
  try {
    const headers =
      openAiApiKey === null ? {} : { authorization: `Bearer ${openAiApiKey.reveal()}` }
    const { status } = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (status === 401 || status === 403)
      return fail(NAME, `${url} refuses the key (${status})`, 'Check OPENAI_API_KEY.')
    return status < 500
      ? ok(NAME, `${url} answers; model ${model.name}`)
      : warn(NAME, `${url} answers ${status}`, 'It is tried again when needed.')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return fail(NAME, `${url}: ${reason}`, 'Check OPENAI_BASE_URL and the network.')
  }
}
