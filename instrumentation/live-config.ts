import { apiUrl } from './api-url.ts'
import { isCanarySession } from './assign-session.ts'

/** A version of an agent: what to run, and its content address. */
export interface LiveVersion {
  readonly digest: string
  readonly config: unknown
}

interface Release {
  readonly stable: LiveVersion
  readonly canary: (LiveVersion & { readonly weight: number; readonly salt: string }) | null
}

export interface LiveConfigOptions {
  readonly agent: string
  /** What runs until NeoSigma has answered once, and if it never does. */
  readonly fallback: LiveVersion
  readonly pollMs?: number
  /** Default: `NEOSIGMA_API_URL`. */
  readonly url?: string
}

export interface LiveConfig {
  /** The version to use for a session: the canary's share of sessions gets the canary, always the same ones. */
  forSession(session: string): LiveVersion
  close(): void
}

const FIRST_ANSWER_TIMEOUT_MS = 2000
/** A request under way would hold a host that is done. */
const REQUEST_TIMEOUT_MS = 1500

/**
 * Follows `GET /v1/agents/{agent}/config`. Keeps the last known good version when NeoSigma is away; its timers do not
 * keep the process alive. Resolves after the first answer or two seconds. Never rejects.
 */
export const liveConfig = async (options: LiveConfigOptions): Promise<LiveConfig> => {
  const { agent, fallback, pollMs = 1000, url = apiUrl() } = options
  const address = `${url}/v1/agents/${encodeURIComponent(agent)}/config`
  let release: Release = { stable: fallback, canary: null }
  let etag: string | null = null
  let closed = false

  const poll = async (timeoutMs: number): Promise<void> => {
    const answer = await ask(address, etag, timeoutMs)
    if (answer === null) return
    etag = answer.etag
    release = answer.release
  }
  const follow = (): void => {
    setTimeout(() => {
      if (closed) return
      void poll(REQUEST_TIMEOUT_MS).then(follow)
    }, pollMs).unref()
  }

  await poll(FIRST_ANSWER_TIMEOUT_MS)
  follow()
  return {
    forSession: (session) => {
      const { stable, canary } = release
      return canary !== null && isCanarySession(session, canary) ? canary : stable
    },
    close: () => {
      closed = true
    },
  }
}

const ask = async (
  address: string,
  etag: string | null,
  timeoutMs: number,
): Promise<{ readonly release: Release; readonly etag: string | null } | null> => {
  try {
    const response = await fetch(address, {
      headers: etag === null ? {} : { 'if-none-match': etag },
      signal: AbortSignal.timeout(timeoutMs),
    })
    const body: unknown = response.status === 200 ? await response.json() : await response.text()
    return isRelease(body) ? { release: body, etag: response.headers.get('etag') } : null
  } catch {
    return null
  }
}

const isVersion = (value: unknown): value is LiveVersion =>
  value !== null && typeof value === 'object' && 'digest' in value && 'config' in value

const isRelease = (value: unknown): value is Release =>
  value !== null &&
  typeof value === 'object' &&
  'stable' in value &&
  isVersion(value.stable) &&
  'canary' in value &&
  (value.canary === null ||
    (isVersion(value.canary) && 'weight' in value.canary && 'salt' in value.canary))
