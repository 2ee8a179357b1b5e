import { z } from 'zod'
import { InvalidInputError } from '../../../schemas/errors.ts'

/** Rewards of one agent: row i are the runs of task i. null is a run without a score. */
export interface RewardTable {
  readonly tasks: readonly string[]
  readonly rewards: readonly (readonly (number | null)[])[]
}

const shape = z
  .object({
    tasks: z.array(z.union([z.string(), z.number()]).transform(String)).min(1),
    rewards: z.array(z.array(z.number().nullable())),
  })
  .superRefine(({ tasks, rewards }, context) => {
    if (tasks.length !== rewards.length)
      context.addIssue({
        code: 'custom',
        message: `${tasks.length} tasks, but ${rewards.length} rows of rewards: one row a task, in the same order`,
      })
    const doubled = tasks.find((task, i) => tasks.indexOf(task) !== i)
    if (doubled !== undefined)
      context.addIssue({ code: 'custom', message: `task ${doubled} is there twice` })
  })

/**
 * Reads `{tasks: [id, …], rewards: [[run, …], …]}`. What is no such table is malformed; scores that are missing or outside [0, 1]
 * stay, for whoever judges must not pass over them.
 * @throws InvalidInputError `payload-malformed`
 */
export const parseRewardTable = (text: string, name: string): RewardTable => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw malformed(name, 'it is not JSON')
  }
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  throw malformed(name, parsed.error.issues.map((issue) => describe(issue)).join('; '))
}

const describe = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `${path.join('.')}: ${message}`

const malformed = (name: string, problem: string): InvalidInputError =>
  new InvalidInputError(
    'payload-malformed',
    `${name} is no table of rewards: ${problem}. Expected {"tasks": [id, …], "rewards": [[1, 0, …], …]}, a row of runs for each task.`,
  )
