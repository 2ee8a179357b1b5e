/**
 * Rows of the tables that several services read, as JSONEachRow gives them: 64-bit integers and DateTime64 as strings.
 * Times are `YYYY-MM-DD hh:mm:ss.fffffffff` in UTC.
 */
export interface OtelTraceRow {
  readonly Timestamp: string
  readonly TraceId: string
  readonly SpanId: string
  readonly ParentSpanId: string
  readonly TraceState: string
  readonly SpanName: string
  readonly SpanKind: string
  readonly ServiceName: string
  readonly ResourceAttributes: Readonly<Record<string, string>>
  readonly ScopeName: string
  readonly ScopeVersion: string
  readonly SpanAttributes: Readonly<Record<string, string>>
  readonly Duration: string
  readonly StatusCode: string
  readonly StatusMessage: string
  readonly 'Events.Timestamp': readonly string[]
  readonly 'Events.Name': readonly string[]
  readonly 'Events.Attributes': readonly Readonly<Record<string, string>>[]
  readonly 'Links.TraceId': readonly string[]
  readonly 'Links.SpanId': readonly string[]
  readonly 'Links.TraceState': readonly string[]
  readonly 'Links.Attributes': readonly Readonly<Record<string, string>>[]
}

export interface OtelLogRow {
  readonly Timestamp: string
  readonly TraceId: string
  readonly SpanId: string
  readonly TraceFlags: number
  readonly SeverityText: string
  readonly SeverityNumber: number
  readonly ServiceName: string
  readonly Body: string
  readonly ResourceSchemaUrl: string
  readonly ResourceAttributes: Readonly<Record<string, string>>
  readonly ScopeSchemaUrl: string
  readonly ScopeName: string
  readonly ScopeVersion: string
  readonly ScopeAttributes: Readonly<Record<string, string>>
  readonly LogAttributes: Readonly<Record<string, string>>
  readonly EventName: string
  readonly SourcePosition: string
}

export interface SignalRow {
  readonly Id: string
  readonly TraceId: string
  readonly SpanId: string
  readonly SessionId: string
  readonly Agent: string
  readonly Name: string
  readonly Type: string
  readonly Value: number | null
  readonly Label: string | null
  readonly Explanation: string | null
  readonly Source: string
  readonly ScorerVersion: string | null
  readonly UserId: string | null
  readonly At: string
}

export interface RunRow {
  readonly TraceId: string
  readonly Revision: string
  readonly AssembledThrough: string
  readonly Agent: string
  readonly AgentVersion: string | null
  readonly PromptName: string | null
  readonly PromptVersion: string | null
  readonly TaskType: string | null
  readonly SessionId: string | null
  readonly UserId: string | null
  readonly Dialect: string | null
  readonly Model: string | null
  readonly StartedAt: string
  readonly EndedAt: string
  readonly DurationMs: number
  readonly Outcome: string
  readonly Score: number
  readonly ModelCalls: number
  readonly ToolCalls: number
  readonly InputTokens: string | null
  readonly OutputTokens: string | null
  readonly CostUsd: number | null
  readonly Body: string
}

export interface ClusterMemberRow {
  readonly Agent: string
  readonly TraceId: string
  readonly ClusterId: string
  readonly Fingerprint: string
  readonly TaskType: string | null
  readonly Score: number
  readonly At: string
  readonly UserId: string | null
  readonly SessionId: string | null
  readonly Body: string
  readonly Removed: number
  readonly Version: string
}

export interface ClusterRow {
  readonly Id: string
  readonly Agent: string
  readonly TaskType: string | null
  readonly Summary: string
  readonly RootCauseType: string
  readonly Diagnosis: string
  readonly ExampleTraceIds: readonly string[]
  readonly Fingerprints: readonly string[]
  readonly Closed: number
  readonly CreatedAt: string
  readonly Version: string
}

export interface ClusterEventRow {
  readonly Agent: string
  readonly ClusterId: string
  readonly Kind: string
  readonly RelatedIds: readonly string[]
  readonly Failures: string
  readonly At: string
}

/** ClickHouse's text form of a time, UTC, milliseconds. */
export const storeTime = (ms: number): string =>
  new Date(ms).toISOString().replace('T', ' ').replace('Z', '')

/** Milliseconds of ClickHouse's text form; digits below the millisecond are dropped. */
export const msOfStoreTime = (text: string): number =>
  Date.parse(`${text.slice(0, 10)}T${text.slice(11, 23)}Z`)
