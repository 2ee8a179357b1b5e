import { ATTRIBUTES } from '../../schemas/attribute-names.ts'
import type { AnyValue, KeyValue } from './otlp-types.ts'

/** Attributes that mark telemetry of NeoSigma's own calls and of agent runs that it started to evaluate a change. */
const MARKS = new Map<string, string>([
  [ATTRIBUTES.internal, 'internal'],
  [ATTRIBUTES.evaluation, 'evaluation'],
])

/** Resource attributes from OTEL_RESOURCE_ATTRIBUTES and what is copied from baggage are always strings. */
const TRUE_TEXTS = new Set(['true', '1'])

const isTrue = (value: AnyValue): boolean =>
  (value.kind === 'bool' && value.value) || (value.kind === 'string' && TRUE_TEXTS.has(value.value))

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
