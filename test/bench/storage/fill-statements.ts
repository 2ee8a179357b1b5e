import { DAY_SECONDS, type Scale, SPANS_PER_TRACE } from './scale.ts'

/** Words of agents' messages: random ones compress about as such texts do. */
const WORDS = `splitByChar(' ', 'the order was not found please confirm your flight number and date of travel refund policy allows customer agent tool returned error json status pending booking reference baggage seat upgrade credit certificate passenger economy cabin insurance cancel change reason')`
const text = (seed: string, words: number): string =>
  `arrayStringConcat(arrayMap(w -> ${WORDS}[1 + cityHash64(${seed}, w) % 40], range(${words})), ' ')`

/** The id of a trace by its number: no order in it, as in life. */
export const traceIdOf = (trace: string): string =>
  `lower(hex(MD5(concat('trace ', toString(${trace})))))`
export const sessionIdOf = (trace: string): string =>
  `concat('session-', toString(intDiv(${trace}, 4)))`
export const agentOf = (trace: string): string =>
  `concat('agent-', toString(cityHash64(${trace}) % 8))`

/** Traces are spread evenly over the days; the last one begins now. */
const startOf = ({ traces, untilMs, days }: Scale, trace: string): string =>
  `fromUnixTimestamp64Milli(toInt64(${untilMs} - ${days * DAY_SECONDS * 1000} + intDiv(${trace} * ${
    days * DAY_SECONDS * 1000
  }, ${traces})))`

export interface Range {
  readonly from: number
  readonly count: number
}

/** Consecutive spans: traces of ten with twenty attributes each and a text of 600 characters. */
export const spansStatement = (scale: Scale, { from, count }: Range): string => `
INSERT INTO otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes,
  ScopeName, SpanAttributes, Duration, StatusCode)
SELECT toDateTime64(${startOf(scale, 'trace')}, 9) + toIntervalMillisecond(350 * i), ${traceIdOf('trace')} AS TraceId,
  lower(hex(cityHash64(number, 'span'))), if(i = 0, '', lower(hex(cityHash64(number - i, 'span')))),
  if(i % 3 = 0, 'chat gpt-5', concat('execute_tool ', ${WORDS}[1 + cityHash64(number) % 12])),
  if(i % 3 = 0, 'Client', 'Internal'), concat('desk-', toString(cityHash64(trace) % 8)),
  map('service.name', concat('desk-', toString(cityHash64(trace) % 8)), 'service.version', '2026.11.3',
    'deployment.environment.name', 'production', 'telemetry.sdk.name', 'opentelemetry', 'telemetry.sdk.language', 'nodejs'),
  'agent',
  map('gen_ai.operation.name', if(i % 3 = 0, 'chat', 'execute_tool'), 'gen_ai.provider.name', 'openai',
    'gen_ai.request.model', 'gpt-5', 'gen_ai.response.model', 'gpt-5-2026-08-01',
    'gen_ai.response.id', concat('resp-', lower(hex(cityHash64(number, 'response')))),
    'gen_ai.agent.name', ${agentOf('trace')}, 'gen_ai.agent.version', 'c0ffee12',
    'gen_ai.conversation.id', ${sessionIdOf('trace')},
    'gen_ai.usage.input_tokens', toString(200 + cityHash64(number, 1) % 4000),
    'gen_ai.usage.output_tokens', toString(cityHash64(number, 2) % 900), 'gen_ai.request.max_tokens', '4096',
    'gen_ai.request.temperature', '0.7', 'gen_ai.tool.name', ${WORDS}[1 + cityHash64(number) % 12],
    'gen_ai.tool.call.id', concat('call-', lower(hex(cityHash64(number, 'call')))), 'server.address', 'api.example',
    'server.port', '443', 'enduser.id', concat('user-', toString(cityHash64(trace) % 5000)),
    'session.id', ${sessionIdOf('trace')}, 'retry', 'false', 'gen_ai.output.messages', ${text('number', 95)}),
  cityHash64(number, 3) % 300000000, 'Unset'
FROM (SELECT number, intDiv(number, ${SPANS_PER_TRACE}) AS trace, number % ${SPANS_PER_TRACE} AS i
  FROM numbers(${from}, ${count}))`

/** The runs of consecutive traces, a fifth of them failures; `revision` 2 repeats every twentieth, as late data does. */
export const runsStatement = (scale: Scale, { from, count }: Range, revision: 1 | 2): string => `
INSERT INTO neosigma_runs (TraceId, Revision, AssembledThrough, Agent, AgentVersion, PromptName, PromptVersion, TaskType,
  SessionId, UserId, Dialect, Model, StartedAt, EndedAt, DurationMs, Outcome, Score, ModelCalls, ToolCalls, InputTokens,
  OutputTokens, CostUsd, Body)
SELECT ${traceIdOf('number')} AS TraceId, lower(hex(cityHash64(number, ${revision}))),
  toDateTime64(${startOf(scale, 'number')}, 6) + INTERVAL ${10 * revision} SECOND, ${agentOf('number')},
  concat('version-', toString(intDiv(number * 40, ${scale.traces}))), 'main',
  concat('prompt-', toString(intDiv(number * 40, ${scale.traces}))),
  concat('task-', toString(cityHash64(number, 'task') % 12)), ${sessionIdOf('number')},
  concat('user-', toString(cityHash64(number) % 5000)), 'gen_ai', ['gpt-5', 'gpt-5-mini'][1 + number % 2],
  ${startOf(scale, 'number')}, ${startOf(scale, 'number')} + INTERVAL 4 SECOND, 4000,
  if(cityHash64(number, 'outcome') % 5 = 0, 'fail', 'pass'), (cityHash64(number, 'outcome') % 5 > 0) * 0.9, 4, 6,
  cityHash64(number) % 9000, cityHash64(number) % 2000, 0.01,
  concat('{"traceId":"', TraceId, '","steps":[{"output":"', ${text('number', 300)}, '"}]}')
FROM numbers(${from}, ${count})${revision === 1 ? '' : ' WHERE number % 20 = 0'}`

/** What happened to the traces and was assembled: by the store's clock over the last week, all but the last minute done. */
export const activityStatements = ({ traces, untilMs }: Scale): readonly string[] => {
  const at = (step: number): string =>
    `fromUnixTimestamp64Micro(toInt64(${untilMs * 1000} - 604000000000 + intDiv(number * 604000000000, ${traces}) + ${step}))`
  return [
    'TRUNCATE TABLE neosigma_trace_activity',
    'TRUNCATE TABLE neosigma_assemblies',
    `INSERT INTO neosigma_trace_activity SELECT ${traceIdOf('number')}, ${at(0)} FROM numbers(${traces})`,
    `INSERT INTO neosigma_trace_activity SELECT ${traceIdOf('number')}, ${at(2_000_000)} FROM numbers(${traces})`,
    `INSERT INTO neosigma_assemblies SELECT ${traceIdOf('number')}, ${at(2_000_000)} AS Through, 2, 'run' FROM numbers(${traces})
     WHERE Through < fromUnixTimestamp64Milli(toInt64(${untilMs - 60_000}))`,
  ]
}

/** A signal for every third run and for every tenth session. */
export const signalsStatement = ({ traces, untilMs }: Scale): string => `
INSERT INTO neosigma_signals (Id, TraceId, SpanId, SessionId, Agent, Name, Type, Source, Value, At)
SELECT lower(hex(cityHash64(number, 'signal'))), if(number % 3 = 0, ${traceIdOf('number')}, ''), '',
  if(number % 3 = 0, '', ${sessionIdOf('number')}), '', 'thumbs', 'explicit', 'api', number % 2,
  fromUnixTimestamp64Milli(toInt64(${untilMs}))
FROM numbers(${traces}) WHERE number % 3 = 0 OR number % 40 = 1`

/** The failed runs as members of clusters, fifty an agent. */
export const membersStatement = (scale: Scale): string => `
INSERT INTO neosigma_cluster_members (Agent, TraceId, ClusterId, Fingerprint, TaskType, Score, At, UserId, SessionId, Body,
  Removed, Version)
SELECT ${agentOf('number')} AS Agent, ${traceIdOf('number')},
  if(number % 7 = 0, '', concat(Agent, '-cluster-', toString(cityHash64(number) % 50))), lower(hex(cityHash64(number % 900))),
  concat('task-', toString(cityHash64(number, 'task') % 12)), 0, ${startOf(scale, 'number')},
  concat('user-', toString(cityHash64(number) % 5000)), ${sessionIdOf('number')},
  concat('{"fingerprint":{"tokens":["', ${text('number % 900', 60)}, '"]},"revision":"r1","model":"gpt-5","promptVersion":"p","agentVersion":"v"}'),
  0, 1
FROM numbers(${scale.traces}) WHERE cityHash64(number, 'outcome') % 5 = 0`

export const clustersStatement = (): string => `
INSERT INTO neosigma_clusters (Id, Agent, Summary, RootCauseType, Diagnosis, Closed, CreatedAt, Version)
SELECT concat('agent-', toString(number % 8), '-cluster-', toString(intDiv(number, 8))), concat('agent-', toString(number % 8)),
  'summary', 'tool-error', '{}', 0, now64(3), 1 FROM numbers(400)`
