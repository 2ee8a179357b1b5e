import type { RunScore } from '../../schemas/agent-run.ts'
import type { SignalType } from '../../schemas/signal.ts'
import { calibrated } from './calibration.ts'
import { type Judging, UNMEASURED } from './judging.ts'
import { metricOf } from './metric-table.ts'
import type { RawSignal } from './raw-signal.ts'
import { type Reliability, scorerKey, unmeasured } from './reliability.ts'
import { priorOf } from './scorer-prior.ts'
import { readValue } from './unit-value.ts'

/**
 * The scores of a run, in a fixed order. One who judges again corrects himself: of the same metric, source, user and
 * span only the newest counts; different users or scorers stand side by side. What a scorer says is calibrated and weighs
 * as much as it was measured to be worth; what people and downstream results say is taken as it is.
 */
export const runScores = (
  signals: readonly RawSignal[],
  judging: Judging = UNMEASURED,
): readonly RunScore[] => {
  const latest = latestOfEach(signals).map((signal): Read => read(signal, judging))
  const votes = Map.groupBy(latest.filter(isVote), voterOf)
  return latest.map((one) => scoreOf(one, judging, votes.get(voterOf(one))?.length ?? 1))
}

interface Read extends Omit<RunScore, 'weight' | 'given'> {
  readonly id: string
  readonly userId: string | null
  readonly isDeclared: boolean
  readonly metricWeight: number
}

const read = (signal: RawSignal, { metrics }: Judging): Read => {
  const metric = metricOf(signal.name, metrics)
  const { value, note } = readValue(signal, metric)
  return {
    id: signal.id,
    userId: signal.userId,
    isDeclared: metric !== null,
    metricWeight: metric?.weight ?? 1,
    name: signal.name,
    source: signal.source,
    type: signal.type ?? metric?.type ?? 'automated',
    value,
    version: signal.version,
    explanation: signal.explanation,
    ...(note === null ? {} : { note }),
  }
}

/** Of one who is named as a user, and readable: such a voice is bounded. */
const isVote = ({ type, userId, value }: Read): boolean =>
  isPersonal(type) && userId !== null && value !== null
const voterOf = ({ type, userId }: Read): string => JSON.stringify([type, userId])

/** Types of feedback that come from the people who use the agent. */
export const isPersonal = (type: SignalType): boolean => type === 'explicit' || type === 'implicit'

const scoreOf = (one: Read, judging: Judging, votes: number): RunScore => {
  const { id, userId, isDeclared, metricWeight, ...said } = one
  const isOver = isVote(one) && judging.overLimit.has(id)
  const share = isVote(one) ? 1 / votes : 1
  const weight = (ofScorer: number): number => (isOver ? 0 : metricWeight * share * ofScorer)
  const over = isOver ? ({ note: 'over-user-limit' } as const) : {}
  if (said.type === 'explicit' || said.type === 'downstream')
    return { ...said, ...over, weight: weight(1) }
  const measured = reliabilityFor(one, judging)
  const value = said.value === null ? null : calibrated(said.value, measured.calibration)
  const given = value === said.value || said.value === null ? {} : { given: said.value }
  return { ...said, ...over, ...given, value, weight: weight(measured.weight) }
}

const reliabilityFor = (one: Read, { reliability, calibrate }: Judging): Reliability => {
  const prior = unmeasured(priorOf(one.type, one.isDeclared))
  const measured = reliability.get(scorerKey(one)) ?? prior
  return calibrate ? measured : { ...measured, calibration: prior.calibration }
}

const latestOfEach = (signals: readonly RawSignal[]): readonly RawSignal[] => {
  const latest = new Map<string, RawSignal>()
  for (const signal of signals) {
    const key = judgeOf(signal)
    const known = latest.get(key)
    if (known === undefined || compare(orderOf(known), orderOf(signal)) < 0) latest.set(key, signal)
  }
  return [...latest].sort(([a], [b]) => compare(a, b)).map(([, signal]) => signal)
}

const judgeOf = ({ name, source, userId, spanId }: RawSignal): string =>
  JSON.stringify([name, source, userId, spanId])

const orderOf = ({ at, id, value, label, version, explanation }: RawSignal): string =>
  JSON.stringify([at, id, value, label, version, explanation])

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
