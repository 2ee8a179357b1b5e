import { decodeBatch } from '../pipeline/event-log/decode-batch.ts'
import type { RecordBatch } from '../pipeline/event-log/event-log.ts'
import { runConsumer } from '../pipeline/event-log/run-consumer.ts'
import type { RoleContext } from '../pipeline/service-runtime/role.ts'
import { decodeEvent } from '../schemas/cloud-event.ts'
import type { CycleEvent } from '../schemas/cycle-event.ts'
import { type CycleRow, nextRow } from '../schemas/cycle-listing.ts'
import { InvalidInputError } from '../schemas/errors.ts'
import { TOPICS } from '../schemas/topics.ts'
import { cycleTableRow, decisionTableRow, evaluationTableRow } from './projection-rows.ts'

const GROUP = 'neosigma-projections'
const CONSUMER = 'projections'

/** The fold of one partition of the cycle events up to and including `through`. */
interface CycleFold {
  readonly rows: Map<string, CycleRow>
  through: bigint
}

/**
 * Keeps the listings of cycles, decisions and evaluations. A row follows from the log up to its offset alone, so that a
 * batch that is read again writes the same rows again.
 */
export const projectTopics = async (context: RoleContext, signal: AbortSignal): Promise<void> => {
  const folds = new Map<number, CycleFold>()
  const topics = [TOPICS.cycleEvents.name, TOPICS.decisions.name, TOPICS.evaluations.name]
  await runConsumer(context, { group: GROUP, topics, signal }, async (batch) => {
    await project(context, folds, batch)
    await batch.commit()
  })
}

const project = (
  context: RoleContext,
  folds: Map<number, CycleFold>,
  batch: RecordBatch,
): Promise<void> => {
  switch (batch.topic) {
    case TOPICS.cycleEvents.name:
      return projectCycles(context, folds, batch)
    case TOPICS.decisions.name:
      return projectDecisions(context, batch)
    default:
      return projectEvaluations(context, batch)
  }
}

const projectCycles = async (
  context: RoleContext,
  folds: Map<number, CycleFold>,
  batch: RecordBatch,
): Promise<void> => {
  const { partition } = batch
  const decoded = await decodeBatch(context, CONSUMER, TOPICS.cycleEvents, batch)
  const first = batch.records[0]?.offset ?? 0n
  const known = folds.get(partition)
  // Not the continuation of what this process has folded: the beginning is read from the log.
  const fold =
    known !== undefined && known.through < first
      ? known
      : await foldBefore(context, partition, first)
  const touched = new Map<string, bigint>()
  for (const { record, event } of decoded) {
    take(fold, event)
    touched.set(event.cycleId, record.offset)
  }
  const rows = [...touched].flatMap(([id, offset]) => {
    const row = fold.rows.get(id)
    return row === undefined ? [] : [cycleTableRow(row, offset)]
  })
  await insert(context, 'neosigma_cycles', rows, batch)
  fold.through = batch.records.at(-1)?.offset ?? fold.through
  folds.set(partition, fold)
}

const take = ({ rows }: CycleFold, event: CycleEvent): void => {
  const row = nextRow(rows.get(event.cycleId) ?? null, event)
  if (row !== null) rows.set(event.cycleId, row)
}

const foldBefore = async (
  { log }: RoleContext,
  partition: number,
  offset: bigint,
): Promise<CycleFold> => {
  const fold: CycleFold = { rows: new Map(), through: offset - 1n }
  for await (const record of log.readAll(TOPICS.cycleEvents.name)) {
    if (record.partition !== partition || record.offset >= offset) continue
    try {
      take(fold, decodeEvent(TOPICS.cycleEvents, record))
    } catch (error) {
      // It went to the dead letters when it was new.
      if (!(error instanceof InvalidInputError)) throw error
    }
  }
  return fold
}

const projectDecisions = async (context: RoleContext, batch: RecordBatch): Promise<void> => {
  const decoded = await decodeBatch(context, CONSUMER, TOPICS.decisions, batch)
  const rows = decoded.map(({ event, record }) => decisionTableRow(event, record.offset))
  await insert(context, 'neosigma_decisions', rows, batch)
}

const projectEvaluations = async (context: RoleContext, batch: RecordBatch): Promise<void> => {
  const decoded = await decodeBatch(context, CONSUMER, TOPICS.evaluations, batch)
  const rows = decoded.map(({ event }) => evaluationTableRow(event))
  await insert(context, 'neosigma_evaluations', rows, batch)
}

const insert = async (
  { store }: RoleContext,
  table: string,
  rows: readonly object[],
  { topic, partition, records }: RecordBatch,
): Promise<void> => {
  if (rows.length === 0) return
  const [first, last] = [records[0]?.offset, records.at(-1)?.offset]
  await store.insert(table, rows, `${topic}/${partition}/${first}-${last}`)
}
