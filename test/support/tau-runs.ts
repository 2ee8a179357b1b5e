import type { AgentRun, RunStep } from '../../schemas/agent-run.ts'
import { failureRun } from './failure-run.ts'

interface TauMessage {
  readonly role: string
  readonly content: string | null
  readonly tool_calls?: readonly {
    readonly function: { readonly name: string; readonly arguments: string }
  }[]
}

export interface TauRow {
  readonly task_id: number
  readonly reward: number
  readonly traj: readonly TauMessage[]
}

/** A trajectory of tau-bench as the run that its import would make: steps of model and tools, reward as score. */
export const tauRun = (row: TauRow, number: number): AgentRun => {
  const said = row.traj.filter(({ role, content }) => role === 'assistant' && content !== null)
  return failureRun(number, [], {
    agent: 'tau',
    taskType: 'tau',
    outcome: row.reward < 0.5 ? 'fail' : 'pass',
    score: row.reward,
    input: row.traj.find(({ role }) => role === 'user')?.content ?? null,
    output: said.at(-1)?.content ?? null,
    steps: row.traj.flatMap((message, place) => stepsOf(row, message, `${number}-${place}`, place)),
  })
}

/** The result of a call is the next message: ids of calls are not unique in these files. */
const stepsOf = (row: TauRow, message: TauMessage, id: string, place: number): RunStep[] => {
  if (message.role !== 'assistant') return []
  const step = (
    kind: 'llm' | 'tool',
    name: string,
    texts: Pick<RunStep, 'input' | 'output'>,
  ): RunStep => ({
    spanId: `${id}-${kind}`,
    parentSpanId: null,
    kind,
    name,
    agent: null,
    model: null,
    error: null,
    startedAt: new Date(place * 1000).toISOString(),
    durationMs: 1,
    inputTokens: null,
    outputTokens: null,
    ...texts,
  })
  return [
    step('llm', 'chat', { input: null, output: message.content }),
    ...(message.tool_calls ?? []).map((call) =>
      step('tool', call.function.name, {
        input: call.function.arguments,
        output: row.traj[place + 1]?.content ?? null,
      }),
    ),
  ]
}
