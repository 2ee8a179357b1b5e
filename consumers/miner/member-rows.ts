import type { AgentRun } from '../../schemas/agent-run.ts'
import { type ClusterMemberRow, storeTime } from '../../schemas/tables.ts'
import { errorTextOf } from '../fingerprint/error-text.ts'
import { type Fingerprint, fingerprintOf } from '../fingerprint/fingerprint-of.ts'
import { storedCluster } from './frozen-clusters.ts'
import type { Member, NewMember } from './miner-state.ts'

/** What the store keeps of a failed run besides the columns: enough to go on after a restart and to diagnose. */
export interface MemberBody {
  readonly revision: string
  readonly fingerprint: Fingerprint
  readonly model: string | null
  readonly promptVersion: string | null
  readonly agentVersion: string | null
  readonly input: string | null
  readonly output: string | null
  readonly error: string | null
  readonly tools: readonly string[]
}

const TEXT_CHARS = 1000
const MOST_TOOLS = 40

/**
 * A run as a member of no cluster yet. Its time is its end, but never later than its arrival nor before 1970. `admit`
 * answers the fingerprint that it is held under.
 */
export const memberOf = (
  run: AgentRun,
  nowMs: number,
  admit: (fingerprint: Fingerprint) => Fingerprint = (one) => one,
): { readonly member: NewMember; readonly body: MemberBody; readonly isCoarse: boolean } => {
  const own = fingerprintOf(run)
  const fingerprint = admit(own)
  return {
    isCoarse: fingerprint.key !== own.key,
    member: {
      traceId: run.traceId,
      revision: run.revision,
      clusterId: '',
      fingerprint,
      score: run.score,
      atMs: Math.max(0, Math.min(Date.parse(run.endedAt), nowMs)),
      taskType: run.taskType,
      userId: run.userId,
      sessionId: run.sessionId,
    },
    body: {
      revision: run.revision,
      fingerprint,
      model: run.model,
      promptVersion: run.promptVersion,
      agentVersion: run.agentVersion,
      input: cut(run.input),
      output: cut(run.output),
      error: cut(lastErrorOf(run)),
      tools: run.steps
        .filter(({ kind }) => kind === 'tool')
        .slice(0, MOST_TOOLS)
        .map(({ name }) => name.slice(0, 120)),
    },
  }
}

const cut = (text: string | null): string | null => text?.slice(0, TEXT_CHARS) ?? null

const lastErrorOf = (run: AgentRun): string | null => {
  const texts = run.steps.map(
    ({ kind, error, output }) => error?.message ?? (kind === 'tool' ? errorTextOf(output) : null),
  )
  return texts.findLast((text) => text !== null) ?? run.error?.message ?? null
}

export const memberRow = (
  agent: string,
  member: NewMember,
  body: string,
  version: string,
): ClusterMemberRow => ({
  Agent: agent,
  TraceId: member.traceId,
  ClusterId: storedCluster(member.clusterId),
  Fingerprint: member.fingerprint.key,
  TaskType: member.taskType,
  Score: member.score,
  At: storeTime(member.atMs),
  UserId: member.userId,
  SessionId: member.sessionId,
  Body: body,
  Removed: 0,
  Version: version,
})

/** Takes a member back: its run passed after all, or belongs to another agent. */
export const removedRow = (agent: string, member: Member, version: string): ClusterMemberRow => ({
  Agent: agent,
  TraceId: member.traceId,
  ClusterId: '',
  Fingerprint: member.fingerprint.key,
  TaskType: member.taskType,
  Score: member.score,
  At: storeTime(member.atMs),
  UserId: null,
  SessionId: null,
  Body: '',
  Removed: 1,
  Version: version,
})
