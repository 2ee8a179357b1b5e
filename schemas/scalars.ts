import { z } from 'zod'

/** The scalar types that several contracts share. */
export const isoTime = z.iso.datetime({ offset: true }).meta({ description: 'ISO 8601 time, UTC' })
export const unitScore = z
  .number()
  .min(0)
  .max(1)
  .meta({ description: 'Score in [0, 1], higher is better' })
export const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .meta({ description: 'Content address: sha256 of canonical JSON' })
export const traceId = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .meta({ description: 'W3C trace id, 32 hex digits' })
export const count = z.number().int().min(0)
