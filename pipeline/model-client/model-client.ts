export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface ChatRequest {
  /** Why it is asked, for metrics and budgets: `diagnosis`, `proposal`, `judge`. */
  readonly purpose: string
  readonly messages: readonly ChatMessage[]
  /** JSON Schema of the answer; the answer is then JSON text. */
  readonly schema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> }
  readonly temperature?: number
  readonly seed?: number
  readonly maxTokens?: number
}

export interface ChatAnswer {
  readonly text: string
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
}

/**
 * Any OpenAI-compatible endpoint. Calls are marked as NeoSigma's own, so that their spans never enter failure mining.
 * @throws TransientError `model-unavailable` (down, slow, 429, 5xx; after bounded retries), `model-answer-unusable`
 * (empty or refused); ConfigError `config-secret-missing` for 401 and 403.
 */
export interface ModelClient {
  chat(request: ChatRequest): Promise<ChatAnswer>
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>
}
