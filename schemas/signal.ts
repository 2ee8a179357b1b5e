import { z } from 'zod'
import { isoTime } from './scalars.ts'

/** The four kinds of production feedback. An explicit or downstream one decides a run's label alone. */
export const SIGNAL_TYPES = ['explicit', 'implicit', 'downstream', 'automated'] as const
export type SignalType = (typeof SIGNAL_TYPES)[number]

/** One piece of feedback on a run, from whatever source. `id` makes it idempotent: the same id counts once. */
export const signal = z.object({
  id: z.string().min(1),
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional()
    .meta({ description: 'The run it is about; else `sessionId`' }),
  spanId: z.string().optional(),
  sessionId: z.string().optional(),
  agent: z.string().optional(),
  name: z
    .string()
    .min(1)
    .meta({ description: 'Metric name, such as user_feedback or tests_passed' }),
  type: z.enum(SIGNAL_TYPES),
  value: z.number().nullable().default(null),
  label: z.string().nullable().default(null),
  explanation: z.string().nullable().default(null),
  source: z
    .string()
    .default('api')
    .meta({ description: 'Who says so: a scorer, a CI system, a user' }),
  version: z.string().nullable().default(null).meta({ description: 'Version of the scorer' }),
  userId: z.string().nullable().default(null),
  at: isoTime,
})
export type Signal = z.infer<typeof signal>
