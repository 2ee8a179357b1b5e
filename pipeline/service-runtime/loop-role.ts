import type { Logger } from 'pino'
import type { Role } from './role.ts'

export interface LoopRoleOptions {
  readonly name: string
  readonly logger: Logger
  /** Runs until the signal aborts. A rejection ends the role and resolves `failed`. */
  readonly run: (signal: AbortSignal) => Promise<void>
  readonly notReady?: () => readonly string[]
  /** After the loops have ended: close what the role opened. */
  readonly close?: () => Promise<void>
}

/** A role that is one loop, or several under one signal: stops by the signal, reports the first error. */
export const loopRole = ({ name, logger, run, notReady, close }: LoopRoleOptions): Role => {
  const stopping = new AbortController()
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>()
  const ended = run(stopping.signal).catch((cause: unknown) => {
    if (stopping.signal.aborted) return
    const error = cause instanceof Error ? cause : new Error(String(cause))
    logger.error({ role: name, err: error }, 'the role ended with an error')
    fail(error)
  })
  return {
    name,
    notReady: () => notReady?.() ?? [],
    failed,
    stop: async () => {
      stopping.abort()
      await ended
      await close?.()
    },
  }
}
