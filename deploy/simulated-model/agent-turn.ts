import { seededRandom } from '../../schemas/seeded-random.ts'
import { fillTemplate, readTask } from './read-task.ts'
import type { Course, World } from './world.ts'

export interface TurnRequest {
  readonly systemPrompt: string
  readonly userMessage: string
  /** Tool results that have come back since the user's message. */
  readonly toolResults: number
  /** Equal seeds and messages draw equally whatever the prompt: the prompt decides only what a draw leads to. */
  readonly seed: string
  readonly drifts: ReadonlySet<string>
}

export type Turn =
  | { readonly type: 'call'; readonly tool: string; readonly arguments: string }
  | { readonly type: 'answer'; readonly text: string }

const matches = (pattern: string, text: string): boolean => new RegExp(pattern, 'i').test(text)

/** The next thing the simulated model does in a conversation with an agent. */
export const agentTurn = (world: World, request: TurnRequest): Turn => {
  const task = readTask(world, request.userMessage)
  if (task === null)
    return { type: 'answer', text: 'I am not sure what you need. Could you tell me more?' }
  const course =
    task.taskType.failures.find((failure) => applies(failure, request)) ?? task.taskType
  return turnOf(course, task.values, request.toolResults)
}

const turnOf = (
  course: Course,
  values: Readonly<Record<string, string>>,
  toolResults: number,
): Turn => {
  const call = course.calls[toolResults]
  if (call === undefined) return { type: 'answer', text: fillTemplate(course.answer, values) }
  return {
    type: 'call',
    tool: call.tool,
    arguments: JSON.stringify(fillTemplate(call.arguments, values)),
  }
}

const applies = (
  failure: World['taskTypes'][number]['failures'][number],
  { systemPrompt, userMessage, seed, drifts }: TurnRequest,
): boolean => {
  if (failure.drift !== undefined && !drifts.has(failure.drift)) return false
  if (failure.unless !== undefined && matches(failure.unless, systemPrompt)) return false
  if (failure.when !== undefined && !matches(failure.when, systemPrompt)) return false
  return seededRandom(`${seed}\n${failure.name}\n${userMessage}`)() < failure.rate
}
