import { z } from 'zod'

const toolCall = z.looseObject({
  id: z.string().nullish(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
})

const message = z.looseObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z
    .string()
    .nullish()
    .transform((content) => content ?? ''),
  name: z.string().nullish(),
  tool_call_id: z.string().nullish(),
  tool_calls: z.array(toolCall).nullish(),
})

/** One run of tau-bench's historical trajectories, and of files that follow its format. Unknown members are kept out. */
export const tauBenchRow = z.looseObject({
  task_id: z.union([z.number(), z.string()]),
  trial: z.union([z.number(), z.string()]).nullish(),
  reward: z.number(),
  traj: z.array(message).min(1),
  info: z
    .looseObject({ task: z.looseObject({ user_id: z.string().nullish() }).nullish() })
    .nullish(),
})

export type TauBenchRow = z.infer<typeof tauBenchRow>
export type TauBenchMessage = TauBenchRow['traj'][number]
