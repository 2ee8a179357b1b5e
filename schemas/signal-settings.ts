import { z } from 'zod'
import { SIGNAL_TYPES } from './signal.ts'

const share = (standard: number, description: string) =>
  z.number().min(0).max(1).default(standard).meta({ description })
const atLeast = (least: number, standard: number, description: string) =>
  z.number().int().min(least).default(standard).meta({ description })
const onOff = (standard: boolean, description: string) =>
  z.boolean().default(standard).meta({ description })

/** How the raw values of a metric are read. Conventions leave range and direction open, so they are declared. */
export const metricDeclaration = z
  .strictObject({
    type: z
      .enum(SIGNAL_TYPES)
      .default('automated')
      .meta({ description: 'Kind of feedback where the signal itself does not say' }),
    range: z
      .tuple([z.number(), z.number()])
      .default([0, 1])
      .meta({ description: 'Least and greatest raw value; what lies outside decides nothing' }),
    direction: z
      .enum(['higher', 'lower'])
      .default('higher')
      .meta({ description: 'Which values are better' }),
    thumbs: onOff(false, '-1, 0 and 1 are down, nothing and up: only 1 is a success'),
    failingLabels: z
      .array(z.string())
      .default([])
      .meta({ description: 'Labels that mean failure, whatever the value' }),
    passingLabels: z
      .array(z.string())
      .default([])
      .meta({ description: 'Labels that mean success, whatever the value' }),
    weight: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .meta({ description: 'Relative to other metrics that decide the same run' }),
  })
  .refine(({ range }) => range[0] < range[1], {
    message: 'the first is not less than the second',
    path: ['range'],
  })
export type MetricDeclaration = z.infer<typeof metricDeclaration>

/** How feedback is read and weighed. */
export const signalSettings = z.strictObject({
  metrics: z.record(z.string().min(1), metricDeclaration).default({}).meta({
    description: 'Metrics of your own, beside the built-in ones; the same name replaces one',
  }),
  userWindowHours: z
    .number()
    .positive()
    .default(24)
    .meta({ description: 'Window of the limit per user, by the time of arrival' }),
  userMaxSignals: atLeast(
    1,
    20,
    'Most runs that the feedback of one user weighs on per window; the rest is kept with weight 0',
  ),
  trustedUsers: z
    .array(z.string())
    .default([])
    .meta({ description: 'User ids without that limit, such as reviewers' }),
  retentionHours: z.number().positive().default(336).meta({
    description: 'So long a signal waits for its run; then it is marked as expired',
  }),
  reliabilityDays: z
    .number()
    .positive()
    .default(90)
    .meta({ description: 'Scorers are measured on the labelled runs of so many days' }),
  refreshMs: atLeast(0, 60_000, 'How often the measured weights are read anew'),
  calibrate: onOff(true, "Whether scorers' values are mapped to how often they were right"),
})
export type SignalSettings = z.infer<typeof signalSettings>

const judge = z.strictObject({
  enabled: onOff(false, 'Whether a model judges runs'),
  rubric: z
    .string()
    .max(4000)
    .default('The agent did what the user asked, completely and correctly.')
    .meta({ description: 'What a good run is' }),
  sampleShare: share(0.1, 'Share of runs that are judged, chosen by trace id'),
  maxCallsPerDay: atLeast(0, 200, 'Most calls in a day (UTC)'),
  maxUsdPerDay: z.number().min(0).default(1).meta({ description: 'Most money in a day (UTC)' }),
  usdPerMillionInputTokens: z
    .number()
    .min(0)
    .default(1)
    .meta({ description: 'Price of the model' }),
  usdPerMillionOutputTokens: z.number().min(0).default(5).meta({ description: 'The same' }),
})
export type JudgeSettings = z.infer<typeof judge>

/** The evaluators that are built in. Each can be switched off. */
export const evaluatorSettings = z.strictObject({
  errorStatus: onOff(true, 'Without any evaluation a run whose root ended with an error fails'),
  toolErrorRate: z
    .strictObject({
      enabled: onOff(true, 'Whether a large share of failed tool calls speaks against a run'),
      leastCalls: atLeast(1, 4, 'With fewer calls nothing is said'),
      leastShare: share(0.5, 'Share of failed calls from which on it speaks'),
    })
    .prefault({}),
  repeatedSteps: z
    .strictObject({
      enabled: onOff(true, 'Whether doing the same again and again speaks against a run'),
      repetitions: atLeast(2, 4, 'So often in a row with the same input and outcome'),
    })
    .prefault({}),
  emptyOutput: onOff(true, 'Whether an empty answer fails a run'),
  refusedOutput: onOff(true, "Whether a model's refusal fails a run"),
  truncatedOutput: onOff(true, 'Whether an answer cut off by a token limit fails a run'),
  schemaViolation: onOff(
    true,
    'Whether an answer, or the last call of a tool, against a declared schema fails a run',
  ),
  judge: judge.prefault({}),
})
export type EvaluatorSettings = z.infer<typeof evaluatorSettings>
