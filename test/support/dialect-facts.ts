import type { AgentRun, RunStep } from '../../schemas/agent-run.ts'

interface Part {
  readonly type: string
  readonly content?: unknown
  readonly name?: string
  readonly arguments?: unknown
  readonly response?: unknown
}
interface Message {
  readonly role: string
  readonly parts: readonly Part[]
}

/** What a package does not tell, so that no run can say it. */
export type Silence =
  | 'usage of streams'
  | 'failed calls'
  | 'users'
  | 'messages'
  | 'answers of tools'

/**
 * What a run has to say whichever package watched it: what was asked, done, said, used, and what failed. What a package
 * keeps silent about is left out.
 */
export const factsOf = (run: AgentRun, told: (what: Silence) => boolean): unknown => {
  const hasFailed = run.outcome === 'fail'
  const isStream = run.input?.includes('parcel') === true
  const isUsageTold = told(hasFailed ? 'failed calls' : 'usage of streams')
  const calls = leaves(run.steps)
  return {
    agent: run.agent,
    sessionId: run.sessionId,
    ...(told('users') ? { userId: run.userId } : {}),
    outcome: run.outcome,
    ...(hasFailed && !told('failed calls') ? {} : { model: run.model, modelCalls: run.modelCalls }),
    toolCalls: run.toolCalls,
    ...((hasFailed || isStream) && !isUsageTold
      ? {}
      : {
          inputTokens: run.inputTokens,
          outputTokens: run.outputTokens,
          usage: calls.map(({ inputTokens, outputTokens }) => [inputTokens, outputTokens]),
        }),
    input: run.input,
    output: hasFailed ? null : run.output,
    failed: run.error !== null && /not found|404/i.test(run.error.message),
    calls: hasFailed ? [] : calls.map((call) => callOf(call, told)),
  }
}

const leaves = (steps: readonly RunStep[]): readonly RunStep[] =>
  steps.filter(({ kind }) => kind === 'llm' || kind === 'tool')

const callOf = (step: RunStep, told: (what: Silence) => boolean): unknown =>
  step.kind === 'tool'
    ? {
        tool: step.name,
        agent: step.agent,
        input: step.input,
        ...(told('answers of tools')
          ? { output: step.output, error: step.error?.message ?? null }
          : { failed: step.error !== null }),
      }
    : {
        model: step.model,
        agent: step.agent,
        ...(told('messages') && told('answers of tools') ? { input: messagesOf(step.input) } : {}),
        output: messagesOf(step.output),
      }

/** Without ids of calls, which not every package keeps. */
const messagesOf = (text: string | null): unknown =>
  (JSON.parse(text ?? '[]') as readonly Message[]).map(({ role, parts }) => ({
    role,
    parts: parts.map(({ type, content, name, arguments: given, response }) => ({
      type,
      ...(content === undefined ? {} : { content }),
      ...(name === undefined ? {} : { name, arguments: given }),
      ...(response === undefined ? {} : { response }),
    })),
  }))
