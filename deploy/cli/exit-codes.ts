import { type ErrorKind, NeoSigmaError } from '../../schemas/errors.ts'

/** As in BSD's sysexits.h. */
export const EXIT = { ok: 0, usage: 64, unavailable: 69, internal: 70, config: 78 } as const

const OF_KIND: Readonly<Record<ErrorKind, number>> = {
  'invalid-input': EXIT.usage,
  transient: EXIT.unavailable,
  invariant: EXIT.internal,
  config: EXIT.config,
}

export const exitCodeOf = (error: unknown): number =>
  error instanceof NeoSigmaError ? OF_KIND[error.kind] : EXIT.internal

export const EXIT_CODES_HELP = `
Exit codes:
  0   done
  1   the demonstration ran, and not all of it happened
  64  an argument, a file or an id cannot be used
  69  a service does not answer, or not now; try again
  70  a bug in NeoSigma; please report the message
  78  the configuration cannot be used; all problems are listed`
