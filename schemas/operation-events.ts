import { z } from 'zod'
import { isoTime } from './scalars.ts'

/** What could not be processed, with everything needed to look at it and to replay it. */
export const deadLetter = z.object({
  id: z.string(),
  topic: z.string(),
  partition: z.number().int(),
  offset: z.string(),
  consumer: z.string(),
  code: z.string(),
  reason: z.string(),
  attempts: z.number().int().min(1),
  key: z.string().nullable(),
  headers: z.record(z.string(), z.string()),
  valueBase64: z.string(),
  at: isoTime,
})
export type DeadLetter = z.infer<typeof deadLetter>

const offset = z.string().regex(/^\d+$/u)

/**
 * A note of a consumer about records that it has in hand: `begun` before it tries them, `failed` where it threw, `over`
 * where they were not at fault after all. What is begun and never over ended the process.
 */
export const attempt = z.object({
  id: z.string().meta({ description: 'Of the attempt: its notes share it' }),
  group: z.string(),
  topic: z.string(),
  partition: z.number().int(),
  first: offset.meta({ description: 'Offset of the first record' }),
  last: offset.meta({ description: 'Offset of the last record' }),
  state: z.enum(['begun', 'failed', 'over']),
  reason: z.string().default(''),
  at: isoTime,
})
export type AttemptNote = z.infer<typeof attempt>

/** Who did what through the API or the command line. */
export const auditEntry = z.object({
  id: z.string(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  detail: z.record(z.string(), z.unknown()).default({}),
  at: isoTime,
})
export type AuditEntry = z.infer<typeof auditEntry>

/** What people ask of the controller. The same `id` is carried out once. */
export const command = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('review'),
    id: z.string(),
    agent: z.string(),
    decisionId: z.string(),
    approved: z.boolean(),
    reviewer: z.string(),
    comment: z.string().default(''),
    at: isoTime,
  }),
  z.object({
    type: z.literal('rollback'),
    id: z.string(),
    agent: z.string(),
    to: z
      .string()
      .nullable()
      .meta({ description: 'Digest to go back to; null is the version before' }),
    reviewer: z.string(),
    comment: z.string().default(''),
    at: isoTime,
  }),
])
export type Command = z.infer<typeof command>
