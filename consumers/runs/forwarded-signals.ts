import { msOfStoreTime, type SignalRow, storeTime } from '../../schemas/tables.ts'
import type { RawSignal } from '../signals/raw-signal.ts'
import type { StoredTrace } from './assemble-run.ts'
import { firstOf } from './attributes.ts'
import { KEYS } from './dialect-keys.ts'
import { judgementsOf, linksElsewhere, sessionJudgementsOf } from './read-evaluations.ts'
import { readSpans, type Span } from './read-spans.ts'

/**
 * Judgements in a trace about something else: late feedback comes as a span of its own that carries annotations and
 * exactly one link, to what it is about, or names the session that it is about. They become signals of that trace or
 * session.
 */
export const forwardedSignals = ({ spans }: StoredTrace): readonly SignalRow[] => [
  ...readSpans(spans.filter(linksElsewhere), []).spans.flatMap((span) =>
    judgementsOf(span).map((signal) =>
      signalOf(signal, {
        TraceId: span.row['Links.TraceId'][0] ?? '',
        SpanId: span.row['Links.SpanId'][0] ?? '',
      }),
    ),
  ),
  ...readSpans(spans.filter(judgesSession), []).spans.flatMap((span) =>
    sessionJudgementsOf(span).map((signal) => signalOf(signal, { SessionId: sessionOf(span) })),
  ),
]

const SESSION_JUDGEMENT = /^session\.(annotations|evaluations)\./

const judgesSession = ({ SpanAttributes }: StoredTrace['spans'][number]): boolean =>
  Object.keys(SpanAttributes).some((key) => SESSION_JUDGEMENT.test(key)) &&
  firstOf(SpanAttributes, KEYS.session) !== null

const sessionOf = ({ attributes }: Span): string => firstOf(attributes, KEYS.session) ?? ''

const signalOf = (
  signal: RawSignal,
  about: Partial<Pick<SignalRow, 'TraceId' | 'SpanId' | 'SessionId'>>,
): SignalRow => ({
  Id: signal.id,
  TraceId: '',
  SpanId: '',
  SessionId: '',
  ...about,
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
})
