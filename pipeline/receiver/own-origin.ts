import type { AnyValue, KeyValue } from '../otlp/otlp-types.ts'

/** Attributes that mark telemetry of NeoSigma's own calls and of agent runs that it started to evaluate a change. */
const MARKS = new Map([
  ['neosigma.internal', 'internal'],
  ['neosigma.evaluation', 'evaluation'],
])

/** Resource attributes from OTEL_RESOURCE_ATTRIBUTES are always strings. */
const isTrue = (value: AnyValue): boolean =>
  (value.kind === 'bool' && value.value) || (value.kind === 'string' && value.value === 'true')

/**
 * Why telemetry is NeoSigma's own, or null for that of users. Own telemetry never enters failure mining: the loop would
 * otherwise repair the failures that it provokes. Takes the attributes of resource, scope and item.
 */
export const ownOrigin = (attributes: readonly (readonly KeyValue[])[]): string | null => {
  for (const list of attributes) {
    for (const { key, value } of list) {
      const mark = MARKS.get(key)
      if (mark !== undefined && isTrue(value)) return mark
    }
  }
  return null
}
