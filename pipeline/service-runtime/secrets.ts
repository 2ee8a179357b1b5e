import { inspect } from 'node:util'

/** A text that logs, JSON and messages show as `[redacted]`; only `reveal` gives it away. */
export interface Secret {
  reveal(): string
  toString(): string
  toJSON(): string
}

/** Secrets come from the environment only. null where the variable is unset or empty. */
export interface Secrets {
  readonly openAiApiKey: Secret | null
  readonly clickhousePassword: Secret | null
  readonly kafkaUsername: Secret | null
  readonly kafkaPassword: Secret | null
}

const REDACTED = '[redacted]'

export const secretOf = (text: string): Secret =>
  Object.freeze({
    reveal: () => text,
    toString: () => REDACTED,
    toJSON: () => REDACTED,
    [inspect.custom]: () => REDACTED,
  })

export const NO_SECRETS: Secrets = {
  openAiApiKey: null,
  clickhousePassword: null,
  kafkaUsername: null,
  kafkaPassword: null,
}
