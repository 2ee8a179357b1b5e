import type { LoadedConfiguration } from '../../pipeline/service-runtime/load-config.ts'
import { readApiFile, urlOf } from '../embedded/api-file.ts'

/** A NeoSigma that runs. */
export interface FoundSystem {
  readonly url: string
  /** Where its receiver takes OTLP over HTTP. */
  readonly receiverUrl: string
}

const PROBE_TIMEOUT_MS = 3000

/** The system of this data folder (`api.json`), else the one at NEOSIGMA_API_PORT where that is set; null where none answers. */
export const findSystem = async ({
  configuration: { dataDir, api, receiver },
  variables,
}: Pick<LoadedConfiguration, 'configuration' | 'variables'>): Promise<FoundSystem | null> => {
  const configuredReceiver = urlOf(receiver.host, receiver.httpPort)
  const file = readApiFile(dataDir)
  if (file !== null && (await answers(file.url)))
    return {
      url: file.url,
      receiverUrl:
        file.otlpHttpPort === null ? configuredReceiver : urlOf(receiver.host, file.otlpHttpPort),
    }
  const url = urlOf(api.host, api.port)
  const named = variables.includes('NEOSIGMA_API_PORT') && api.port !== 0
  return named && (await answers(url)) ? { url, receiverUrl: configuredReceiver } : null
}

/** The port of a process that died may have gone to another program. */
const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/healthz`, {
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    })
    const body = (await response.json()) as { readonly name?: unknown }
    return body.name === 'neosigma'
  } catch {
    return false
  }
}
