import { ATTRIBUTES } from '../../schemas/attribute-names.ts'
import { sha256 } from '../../schemas/canonical-json.ts'
import type { SignalType } from '../../schemas/signal.ts'
import type { OtelTraceRow } from '../../schemas/tables.ts'
import { type RawSignal, signalTypeOf } from '../signals/raw-signal.ts'
import { type Attributes, firstOf, isObject, numberOf, textOf, unflatten } from './attributes.ts'
import type { Span, SpanEvent, TraceRows } from './read-spans.ts'

const EVALUATION = 'gen_ai.evaluation.result'
const OF_THE_TRACE = ['', 'trace.']
const OF_THE_SESSION = ['session.']

/**
 * Every judgement in the telemetry itself: GenAI evaluation events (logs or span events), span attributes, annotations.
 * What a span says about another trace, to which it links, is not about this one (`forwardedSignals`).
 */
export const readEvaluations = ({ spans, unplaced }: TraceRows): readonly RawSignal[] => [
  ...spans.flatMap((span) => [
    ...span.events
      .filter(isEvaluation)
      .flatMap((event) => evaluation(event.attributes, event.at, span)),
    ...(linksElsewhere(span.row) ? [] : judgementsOf(span)),
  ]),
  ...unplaced.filter(isEvaluation).flatMap((event) => evaluation(event.attributes, event.at, null)),
]

/** The judgements that a span holds in its attributes, about itself or about its trace. */
export const judgementsOf = (span: Span): readonly RawSignal[] => [
  ...evaluation(span.attributes, span.row.Timestamp, span),
  ...annotations(span, OF_THE_TRACE),
]

/** Those about the session that it names. */
export const sessionJudgementsOf = (span: Span): readonly RawSignal[] =>
  annotations(span, OF_THE_SESSION)

/** Exactly one link, to another trace: how late feedback names what it is about. */
export const linksElsewhere = (row: OtelTraceRow): boolean => {
  const [target, ...others] = row['Links.TraceId']
  return (
    target !== undefined &&
    others.length === 0 &&
    target !== row.TraceId &&
    /^[0-9a-f]{32}$/.test(target)
  )
}

const isEvaluation = ({ name }: SpanEvent): boolean => name === EVALUATION

const evaluation = (
  attributes: Attributes,
  at: string,
  span: Span | null,
): readonly RawSignal[] => {
  const name = attributes['gen_ai.evaluation.name']
  // An evaluator that failed has judged nothing; on the span itself the error is that of the work that is judged.
  const isOfSpan = attributes === span?.attributes
  if (name === undefined || (attributes['error.type'] !== undefined && !isOfSpan)) return []
  const score = attributes['gen_ai.evaluation.score.value']
  return [
    raw(at, span, {
      name,
      type: signalTypeOf(attributes[ATTRIBUTES.signalType] ?? null),
      value: numberOf(score),
      label: attributes['gen_ai.evaluation.score.label'] ?? null,
      explanation: attributes['gen_ai.evaluation.explanation'] ?? null,
      source:
        firstOf(attributes, [
          ATTRIBUTES.signalSource,
          'gen_ai.evaluation.evaluator.source',
          'gen_ai.evaluation.evaluator.id',
          'gen_ai.evaluation.evaluator.name',
        ]) ?? 'telemetry',
      version: firstOf(attributes, [
        ATTRIBUTES.signalVersion,
        'gen_ai.evaluation.evaluator.version',
      ]),
      userId: firstOf(attributes, ['user.id', 'enduser.id']),
    }),
  ]
}

const TYPE_OF_ANNOTATOR: Readonly<Record<string, SignalType>> = {
  HUMAN: 'explicit',
  LLM: 'automated',
  CODE: 'automated',
}

const MEMBERS = [
  ['annotations.', 'annotation'],
  ['evaluations.', 'evaluation'],
] as const

const annotations = (span: Span, scopes: readonly string[]): readonly RawSignal[] =>
  scopes
    .flatMap((scope) => MEMBERS.map(([list, member]) => [`${scope}${list}`, member] as const))
    .flatMap(([prefix, member]) =>
      unflatten(span.attributes, prefix).flatMap((entry) => {
        const given = isObject(entry[member]) ? entry[member] : entry
        const name = textOf(given['name'])
        if (name === null) return []
        const kind = textOf(given['annotator_kind'])
        return [
          raw(span.row.Timestamp, span, {
            name,
            type: TYPE_OF_ANNOTATOR[kind?.toUpperCase() ?? ''] ?? null,
            value: numberOf(textOf(given['score'])),
            label: textOf(given['label']),
            explanation: textOf(given['explanation']),
            source: textOf(given['identifier']) ?? kind?.toLowerCase() ?? 'telemetry',
            version: null,
            userId: null,
          }),
        ]
      }),
    )

const raw = (
  at: string,
  span: Span | null,
  said: Omit<RawSignal, 'id' | 'at' | 'spanId'>,
): RawSignal => {
  const spanId = span?.row.SpanId ?? null
  return { ...said, at, spanId, id: sha256(JSON.stringify([at, spanId, said])) }
}
