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

/**
 * A raw judgement on the scale [0, 1], higher better; null where it cannot be read so.
 * A declared metric is read by its range and direction, then by its label. For a name that is not declared a number in
 * [0, 1] counts as it is, unless a label says the opposite: the direction of a bare number is not known, a label's is.
 * @example unitValue({ value: 4, label: null }, { type: 'explicit', range: [1, 5] }) // 0.75
 */
export const unitValue = (raw: RawValue, metric: Metric | null): number | null => {
  const fromLabel = labelValue(raw.label, metric)
  if (metric !== null) return scaledValue(raw.value, metric) ?? fromLabel
  const number = raw.value !== null && raw.value >= 0 && raw.value <= 1 ? raw.value : null
  if (number === null || fromLabel === null) return number ?? fromLabel
  return number >= 0.5 === (fromLabel === 1) ? number : fromLabel
}

const scaledValue = (value: number | null, metric: Metric): number | null => {
  const [low, high] = metric.range
  if (value === null || !(value >= low && value <= high)) return null
  if (metric.thumbs === true) return Math.max(0, value)
  const share = (value - low) / (high - low)
  return metric.lowerIsBetter === true ? 1 - share : share
}

// `true` of a metric such as ticket_reopened is bad news; `pass` and `fail` mean the same everywhere.
const BOOLEAN = new Set(['true', 'false', 'yes', 'no'])

const labelValue = (label: string | null, metric: Metric | null): number | null => {
  if (label === null) return null
  const word = label
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
  if (metric?.failingLabels?.includes(word) === true) return 0
  const inverted = metric?.lowerIsBetter === true && BOOLEAN.has(word)
  if (PASSING.has(word)) return inverted ? 0 : 1
  if (FAILING.has(word)) return inverted ? 1 : 0
  return null
}
