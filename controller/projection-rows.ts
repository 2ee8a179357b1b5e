import type { CycleRow } from '../schemas/cycle-listing.ts'
import type { DeploymentDecision } from '../schemas/decision.ts'
import type { Evaluation } from '../schemas/evaluation.ts'
import { storeTime } from '../schemas/tables.ts'

const timeOf = (iso: string): string => storeTime(Date.parse(iso))

/** `offset` of the last event that went into the row decides which of two rows of a cycle is the newer. */
export const cycleTableRow = (row: CycleRow, offset: bigint): object => ({
  Id: row.id,
  Agent: row.agent,
  ClusterId: row.clusterId,
  Outcome: row.outcome ?? '',
  Body: JSON.stringify(row),
  StartedAt: timeOf(row.startedAt),
  UpdatedAt: timeOf(row.updatedAt),
  Version: String(offset),
})

export const decisionTableRow = (decision: DeploymentDecision, offset: bigint): object => ({
  Id: decision.id,
  Agent: decision.agent,
  Decision: decision.decision,
  CycleId: decision.causation.cycleId ?? '',
  Body: JSON.stringify(decision),
  At: timeOf(decision.at),
  Version: String(offset),
})

export const evaluationTableRow = (evaluation: Evaluation): object => ({
  Id: evaluation.id,
  Agent: evaluation.agent,
  CycleId: evaluation.cycleId,
  Stage: evaluation.stage,
  Candidate: evaluation.candidate,
  TaskId: evaluation.taskId,
  Split: evaluation.split,
  Replicate: evaluation.replicate,
  Status: evaluation.status,
  Score: evaluation.score,
  Metrics: evaluation.metrics,
  At: timeOf(evaluation.at),
})
