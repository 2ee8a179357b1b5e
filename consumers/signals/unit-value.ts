import type { ScoreNote } from '../../schemas/agent-run.ts'
import type { Metric } from './metric-table.ts'

const PASSING = new Set(
  'pass passed passing success successful succeeded true yes ok good great correct positive up like liked thumbs_up accept accepted approved resolved completed relevant grounded factual 👍'.split(
    ' ',
  ),
)
const FAILING = new Set(
  'fail failed failing failure error errored false no bad poor incorrect wrong negative down dislike disliked thumbs_down reject rejected denied unresolved incomplete irrelevant ungrounded hallucinated 👎'.split(
    ' ',
  ),
)

export interface RawValue {
  readonly value: number | null
  readonly label: string | null
}

export interface ReadValue {
  /** On the scale [0, 1], higher better; null where it cannot be read so. */
  readonly value: number | null
  /** What was wrong or guessed, so that nothing is read wrong in silence. */
  readonly note: ScoreNote | null
}

/**
 * A raw judgement on the scale [0, 1], higher better. A declared metric is read by the labels declared for it, then by
 * its range and direction, then by a label that every metric knows. For a name that is not declared a number in [0, 1]
 * counts as it is, unless a label says the opposite: the direction of a bare number is not known, a label's is.
 */
export const readValue = (raw: RawValue, metric: Metric | null): ReadValue => {
  const fromLabel = labelValue(raw.label, metric)
  const [low, high] = metric?.range ?? [0, 1]
  const isOutside = raw.value !== null && !(raw.value >= low && raw.value <= high)
  const number = raw.value === null || isOutside ? null : raw.value
  const value =
    metric === null ? undeclaredValue(number, fromLabel) : declaredValue(number, fromLabel, metric)
  return { value: fromLabel?.isDeclared ? fromLabel.value : value, note: noteOf() }

  function noteOf(): ScoreNote | null {
    if (isOutside) return 'out-of-range'
    if (value === null && !fromLabel?.isDeclared) return 'unreadable'
    return metric === null ? 'undeclared' : null
  }
}

/**
 * The value alone.
 * @example unitValue({ value: 4, label: null }, { type: 'explicit', range: [1, 5] }) // 0.75
 */
export const unitValue = (raw: RawValue, metric: Metric | null): number | null =>
  readValue(raw, metric).value

interface LabelValue {
  readonly value: 0 | 1
  /** By the metric itself, not by a word that every metric knows. */
  readonly isDeclared: boolean
}

const declaredValue = (
  number: number | null,
  label: LabelValue | null,
  metric: Metric,
): number | null => {
  if (number === null) return label?.value ?? null
  if (metric.thumbs === true) return Math.max(0, number)
  const [low, high] = metric.range
  const share = (number - low) / (high - low)
  return metric.lowerIsBetter === true ? 1 - share : share
}

const undeclaredValue = (number: number | null, label: LabelValue | null): number | null => {
  if (number === null || label === null) return number ?? label?.value ?? null
  return number >= 0.5 === (label.value === 1) ? number : label.value
}

// `true` of a metric such as ticket_reopened is bad news; `pass` and `fail` mean the same everywhere.
const BOOLEAN = new Set(['true', 'false', 'yes', 'no'])

const labelValue = (label: string | null, metric: Metric | null): LabelValue | null => {
  if (label === null) return null
  const word = wordOf(label)
  const holds = (labels: readonly string[] = []): boolean =>
    labels.some((one) => wordOf(one) === word)
  if (holds(metric?.failingLabels)) return { value: 0, isDeclared: true }
  if (holds(metric?.passingLabels)) return { value: 1, isDeclared: true }
  const inverted = metric?.lowerIsBetter === true && BOOLEAN.has(word)
  if (PASSING.has(word)) return { value: inverted ? 0 : 1, isDeclared: false }
  if (FAILING.has(word)) return { value: inverted ? 1 : 0, isDeclared: false }
  return null
}

const wordOf = (label: string): string =>
  label
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
