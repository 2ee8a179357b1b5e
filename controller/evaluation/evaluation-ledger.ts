import type { EventLog } from '../../pipeline/event-log/event-log.ts'
import { decodeEvent, encodeEvent } from '../../schemas/cloud-event.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import type { Evaluation } from '../../schemas/evaluation.ts'
import { TOPICS } from '../../schemas/topics.ts'

/** The evaluations of one cycle, on the log before they are used: what is in it is never run again. */
export interface EvaluationLedger {
  find(id: string): Evaluation | undefined
  append(evaluation: Evaluation): Promise<void>
  /** Agent runs so far, retries counted. */
  spentRuns(): number
}

/** Reads what the log has of a cycle, so that a cycle that goes on after a restart spends nothing twice. */
export const openEvaluationLedger = async (
  log: EventLog,
  cycleId: string,
): Promise<EvaluationLedger> => {
  const known = new Map<string, Evaluation>()
  for await (const record of log.readAll(TOPICS.evaluations.name)) {
    if (record.key !== cycleId) continue
    const entry = readEntry(record)
    // The first entry of an id counts: what was used then is used now.
    if (entry !== null && !known.has(entry.id)) known.set(entry.id, entry)
  }
  let spent = [...known.values()].reduce((sum, entry) => sum + attemptsOf(entry), 0)
  return {
    find: (id) => known.get(id),
    append: async (evaluation) => {
      await log.append([
        encodeEvent(TOPICS.evaluations, evaluation, {
          id: evaluation.id,
          source: '/neosigma/controller',
          time: evaluation.at,
          key: evaluation.cycleId,
        }),
      ])
      known.set(evaluation.id, evaluation)
      spent += attemptsOf(evaluation)
    },
    spentRuns: () => spent,
  }
}

const attemptsOf = ({ metrics }: Evaluation): number => metrics['attempts'] ?? 1

/** An entry that cannot be read is run again: that costs a run, where stopping would cost the loop. */
const readEntry = (record: Parameters<typeof decodeEvent>[1]): Evaluation | null => {
  try {
    return decodeEvent(TOPICS.evaluations, record)
  } catch (error) {
    if (error instanceof InvalidInputError) return null
    throw error
  }
}
