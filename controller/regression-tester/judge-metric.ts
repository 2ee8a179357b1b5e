import type { Evidence, Verdict } from '../../schemas/evidence.ts'
import { meanBounds, meanPValue, type Support } from './bounded-mean.ts'
import type { MetricRule } from './metric-rules.ts'
import { meansOfUnits, type Pair } from './pair-runs.ts'
import {
  fewestTargetTasks,
  fewestTasks,
  minimalDetectableEffect,
  tasksNeeded,
} from './sample-size.ts'
import { meanOf, varianceOf } from './statistics/moments.ts'

export interface MetricQuestion {
  readonly rule: MetricRule
  /** A target must be superior; a guardrail must not be inferior. */
  readonly role: 'target' | 'guardrail'
  readonly alpha: number
  readonly method: string
  /** How many guardrails must hold at once. */
  readonly parts: number
  /** Tasks that the plan asks for; fewer pairs than that are no answer. */
  readonly planned: number
  /** Tasks of one unit are not independent and count as one. */
  readonly unitOf: (taskId: string) => string
  /** What already forbids an answer, such as scores of unlike epochs. */
  readonly problems: readonly string[]
}

/** One metric over its pairs, in the direction in which more is better. Fails closed: a doubt is `inconclusive`. */
export const judgeMetric = (question: MetricQuestion, pairs: readonly Pair[]): Evidence => {
  const { rule, role, alpha, method, parts } = question
  const problems = [...question.problems, ...problemsOf(question, pairs)]
  const units = meansOfUnits(pairs, question.unitOf)
  const effects = isMeasurable(rule, units) ? effectsOf(rule, units) : []
  const floor = role === 'target' ? fewestTargetTasks(alpha) : fewestTasks(rule.margin, alpha)
  // A target must gain, so that no loss of it is let be.
  const margin = role === 'target' ? 0 : rule.margin
  const facts = { metric: rule.metric, role, method, n: effects.length, margin, alpha }
  if (effects.length === 0) {
    const reasons = problems.length > 0 ? problems : [thin(0, floor)]
    return { ...facts, ...NOTHING_KNOWN, nNeeded: floor, reasons }
  }
  const support = supportOf(rule, effects)
  const effect = meanOf(effects)
  const [low, high] = meanBounds(effects, support, alpha)
  const verdict = problems.length > 0 ? 'inconclusive' : verdictOf([low, high], margin)
  const sizing = { sd: deviationOf(effects), n: effects.length, alpha, parts }
  const needed = tasksNeeded(sizing, distanceOf(role, margin, effect), floor)
  const open = verdict === 'inconclusive'
  return {
    ...facts,
    effect,
    interval: [low, high],
    verdict,
    pValue: meanPValue(effects, support, -margin),
    minimalDetectableEffect: minimalDetectableEffect(sizing),
    nNeeded: open && needed !== null ? Math.max(needed, effects.length + 1) : needed,
    reasons: open && problems.length === 0 ? [thin(effects.length, floor)] : problems,
  }
}

const NOTHING_KNOWN: Pick<
  Evidence,
  'effect' | 'interval' | 'verdict' | 'pValue' | 'minimalDetectableEffect'
> = {
  effect: null,
  interval: [null, null],
  verdict: 'inconclusive',
  pValue: null,
  minimalDetectableEffect: null,
}

const thin = (n: number, floor: number): string =>
  n < floor
    ? `${n} tasks are fewer than the ${floor} below which nothing can be shown`
    : 'the interval covers both sides of the margin'

const problemsOf = (
  { rule, planned }: MetricQuestion,
  pairs: readonly Pair[],
): readonly string[] => {
  const unmatched = planned - pairs.length
  if (unmatched > 0)
    return [`${unmatched} of ${planned} tasks lack a value of ${rule.metric} in one of the arms`]
  return isMeasurable(rule, pairs)
    ? []
    : [`the baseline's mean of ${rule.metric} is not positive, so no relative loss is defined`]
}

const isMeasurable = (rule: MetricRule, pairs: readonly Pair[]): boolean =>
  pairs.length === 0 ||
  rule.scale === 'absolute' ||
  meanOf(pairs.map(({ baseline }) => baseline)) > 0

/**
 * Differences, candidate − baseline, turned so that more is better. Relative ones are linearised about the observed
 * ratio θ̂ = Σd/Σb: θ̂ + (dᵢ − θ̂·bᵢ)/b̄, whose mean is θ̂ and whose spread is that of the ratio and not of the tasks' size.
 */
const effectsOf = (rule: MetricRule, pairs: readonly Pair[]): readonly number[] => {
  const sign = rule.lessIsBetter ? -1 : 1
  const differences = pairs.map(({ baseline, candidate }) => sign * (candidate - baseline))
  if (rule.scale === 'absolute') return differences
  const base = meanOf(pairs.map(({ baseline }) => baseline))
  const ratio = meanOf(differences) / base
  return pairs.map(({ baseline }, i) => ratio + ((differences[i] ?? 0) - ratio * baseline) / base)
}

/** Success cannot leave [−1, 1]. A cost has no bound: a loss of the whole mean, or the worst seen, is the worst assumed. */
const supportOf = (rule: MetricRule, effects: readonly number[]): Support =>
  rule.scale === 'absolute'
    ? { low: -1, high: 1 }
    : { low: Math.min(-1, ...effects), high: Math.max(1, ...effects) }

const verdictOf = ([low, high]: readonly [number, number], margin: number): Verdict => {
  if (low > 0) return 'superior'
  if (high < -margin) return 'inferior'
  return low > -margin ? 'non-inferior' : 'inconclusive'
}

/** An observed loss is taken at its word; an observed gain is what a target test rests on, and no help to a guardrail. */
const distanceOf = (role: MetricQuestion['role'], margin: number, effect: number): number =>
  role === 'target' ? effect : margin + Math.min(effect, 0)

const deviationOf = (values: readonly number[]): number =>
  values.length < 2 ? 0 : Math.sqrt(varianceOf(values))
