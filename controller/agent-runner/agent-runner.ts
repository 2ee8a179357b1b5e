import type { RunRequest, RunResponse } from '../../schemas/run-protocol.ts'

/**
 * The agent under improvement, reached by the run protocol.
 * `run` answers within `limits.timeoutMs` and never throws for what an agent does: a hang is `timeout`; a crash, a refusal or an
 * answer that is not of the protocol is `agent_error`; an agent that cannot be reached or started is `infra_error`, which
 * the caller tries again and never scores. An aborted signal ends the run as `infra_error` of kind `aborted`.
 */
export interface AgentRunner {
  run(request: RunRequest, signal: AbortSignal): Promise<RunResponse>
  /** Ends what still runs and frees workers. */
  close(): Promise<void>
}

export interface RunnerLimits {
  /** Largest answer in bytes or characters; a larger one is an `agent_error`. */
  readonly maxAnswerBytes: number
}

export const RUNNER_LIMITS: RunnerLimits = { maxAnswerBytes: 10 * 1024 * 1024 }
