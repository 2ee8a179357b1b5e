import { msOfStoreTime, type SignalRow, storeTime } from '../../schemas/tables.ts'
import type { StoredTrace } from './assemble-run.ts'
import { judgementsOf, linksElsewhere } from './read-evaluations.ts'
import { readSpans } from './read-spans.ts'

/**
 * Judgements in a trace about another one: late feedback comes as a span of its own that carries annotations and exactly
 * one link, to what it is about. They become signals of the linked trace.
 */
export const forwardedSignals = ({ spans }: StoredTrace): readonly SignalRow[] =>
  readSpans(spans.filter(linksElsewhere), []).spans.flatMap((span) =>
    judgementsOf(span).map(
      (signal): SignalRow => ({
        Id: signal.id,
        TraceId: span.row['Links.TraceId'][0] ?? '',
        SpanId: span.row['Links.SpanId'][0] ?? '',
        SessionId: '',
        Agent: '',
        Name: signal.name,
        Type: signal.type ?? '',
        Value: signal.value,
        Label: signal.label,
        Explanation: signal.explanation,
        Source: signal.source,
        ScorerVersion: signal.version,
        UserId: signal.userId,
        At: storeTime(msOfStoreTime(signal.at)),
      }),
    ),
  )
