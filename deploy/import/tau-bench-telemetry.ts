import type {
  AnyValue,
  KeyValue,
  LogRecord,
  Logs,
  Resource,
  Span,
  Traces,
} from '../../pipeline/otlp/otlp-types.ts'
import { ATTRIBUTES } from '../../schemas/attribute-names.ts'
import { canonicalJson, sha256 } from '../../schemas/canonical-json.ts'
import type { TauBenchMessage, TauBenchRow } from './tau-bench-row.ts'

export interface TauBenchOptions {
  readonly agent: string
  readonly taskType: string | null
  readonly endMs: number
}

export interface RunTelemetry {
  readonly traceId: string
  readonly traces: Traces
  readonly logs: Logs
}

const NANOSECONDS = 1_000_000n
const STEP_MS = 1000
const INTERNAL = 1
const CLIENT = 3
const ERROR = 2

/** The trace id of a row: a hash of its content, so that the same row is the same trace whenever it is imported. */
export const traceIdOf = (row: TauBenchRow): string => sha256(canonicalJson(row)).slice(0, 32)

/** The files have no times: a second lies between messages. */
export const durationMsOf = (row: TauBenchRow): number => row.traj.length * STEP_MS

/**
 * A run as an instrumented agent would have told it, by the GenAI conventions: an agent span, a model span for each
 * assistant message with the messages that are new since the one before, a tool span for each call, the reward as an
 * explicit evaluation. The last message is at `endMs`.
 */
export const tauBenchTelemetry = (row: TauBenchRow, options: TauBenchOptions): RunTelemetry => {
  const traceId = traceIdOf(row)
  const startMs = options.endMs - durationMsOf(row)
  const root = rootSpan(row, traceId, options)
  const build = spanBuilder(traceId, root.spanId, startMs)
  const spans = [root, ...row.traj.flatMap((_, index) => stepSpans(row.traj, index, build))]
  const resource = resourceOf(options.agent)
  const scope = { name: 'neosigma.import', version: '', attributes: [], droppedAttributesCount: 0 }
  return {
    traceId,
    traces: {
      resourceSpans: [{ resource, schemaUrl: '', scopeSpans: [{ scope, spans, schemaUrl: '' }] }],
    },
    logs: {
      resourceLogs: [
        {
          resource,
          schemaUrl: '',
          scopeLogs: [{ scope, logRecords: [rewardLog(row, root, options)], schemaUrl: '' }],
        },
      ],
    },
  }
}

interface SpanContent {
  readonly position: string
  readonly name: string
  readonly kind: number
  readonly index: number
  readonly attributes: Readonly<Record<string, string | readonly string[]>>
  readonly error?: string
}
type BuildSpan = (content: SpanContent) => Span

const spanBuilder =
  (traceId: string, parentSpanId: string, startMs: number): BuildSpan =>
  ({ position, name, kind, index, attributes, error }) => ({
    ...emptySpan,
    traceId,
    spanId: sha256(`${traceId}:${position}`).slice(0, 16),
    parentSpanId,
    name,
    kind,
    startTimeUnixNano: BigInt(startMs + index * STEP_MS) * NANOSECONDS,
    endTimeUnixNano: BigInt(startMs + (index + 1) * STEP_MS) * NANOSECONDS,
    attributes: keyValues(attributes),
    status: error === undefined ? emptySpan.status : { code: ERROR, message: error },
  })

const emptySpan = {
  traceState: '',
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  status: { code: 0, message: '' },
  flags: 1,
} as const

const rootSpan = (
  row: TauBenchRow,
  traceId: string,
  { agent, taskType, endMs }: TauBenchOptions,
): Span => {
  const userId = row.info?.task?.user_id
  const spoken = (role: 'user' | 'assistant'): string =>
    messagesJson(row.traj.filter((message) => message.role === role && message.content !== ''))
  const span = spanBuilder(
    traceId,
    '',
    endMs - durationMsOf(row),
  )({
    position: 'root',
    name: `invoke_agent ${agent}`,
    kind: INTERNAL,
    index: 0,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': agent,
      'gen_ai.input.messages': spoken('user'),
      'gen_ai.output.messages': spoken('assistant'),
      'tau_bench.task_id': String(row.task_id),
      ...(row.trial === null || row.trial === undefined
        ? {}
        : { 'tau_bench.trial': String(row.trial) }),
      ...(taskType === null ? {} : { [ATTRIBUTES.taskType]: taskType }),
      ...(userId === null || userId === undefined ? {} : { 'user.id': userId }),
    },
  })
  return { ...span, endTimeUnixNano: BigInt(endMs) * NANOSECONDS }
}

/** The spans that begin with a message: a model call, and the tools that it asks for. */
const stepSpans = (
  messages: readonly TauBenchMessage[],
  index: number,
  build: BuildSpan,
): readonly Span[] => {
  const message = messages[index]
  if (message?.role !== 'assistant') return []
  const before = messages.slice(0, index)
  const news = before.slice(before.findLastIndex(({ role }) => role === 'assistant') + 1)
  const calls = message.tool_calls ?? []
  const chat = build({
    position: `chat:${index}`,
    name: 'chat',
    kind: CLIENT,
    index,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': messagesJson(news),
      'gen_ai.output.messages': messagesJson([message]),
      'gen_ai.response.finish_reasons': [calls.length === 0 ? 'stop' : 'tool_calls'],
    },
  })
  const results = resultsOf(calls, messages.slice(index + 1))
  const tools = calls.map(({ id, function: called }, position) => {
    const result = results[position] ?? null
    return build({
      position: `tool:${index}:${position}`,
      name: `execute_tool ${called.name}`,
      kind: INTERNAL,
      index: index + 1 + position,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': called.name,
        'gen_ai.tool.call.arguments': called.arguments,
        ...(id === null || id === undefined ? {} : { 'gen_ai.tool.call.id': id }),
        ...(result === null ? {} : { 'gen_ai.tool.call.result': result }),
        ...(isToolError(result) ? { 'error.type': 'tool_error' } : {}),
      },
      ...(isToolError(result) ? { error: result } : {}),
    })
  })
  return [chat, ...tools]
}

/**
 * The results of a message's calls, null where there is none. Over a whole file ids of calls are not unique, so only what stands
 * directly behind the message counts: by id where the ids of this message tell its calls apart, else by position.
 */
const resultsOf = (
  calls: readonly { readonly id?: string | null | undefined }[],
  after: readonly TauBenchMessage[],
): readonly (string | null)[] => {
  const end = after.findIndex(({ role }) => role !== 'tool')
  const results = after.slice(0, end === -1 ? after.length : end)
  const byId = new Map(results.map((result) => [result.tool_call_id, result.content]))
  const ids = new Set(calls.map(({ id }) => id))
  const tellApart =
    ids.size === calls.length &&
    byId.size === results.length &&
    results.every(({ tool_call_id: id }) => typeof id === 'string' && ids.has(id))
  return calls.map(({ id }, position) =>
    tellApart ? (byId.get(id) ?? null) : (results[position]?.content ?? null),
  )
}

/** tau-bench's environments answer a call that fails with a text that begins so. */
const isToolError = (result: string | null): result is string =>
  result?.startsWith('Error:') === true

const messagesJson = (messages: readonly TauBenchMessage[]): string =>
  JSON.stringify(
    messages.map(({ role, content, tool_calls, name }) => ({
      role,
      parts: [
        ...(role === 'tool'
          ? [{ type: 'tool_call_response', ...(name ? { name } : {}), response: content }]
          : content === ''
            ? []
            : [{ type: 'text', content }]),
        ...(tool_calls ?? []).map((call) => ({
          type: 'tool_call',
          name: call.function.name,
          arguments: parsedOrText(call.function.arguments),
        })),
      ],
    })),
  )

const parsedOrText = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}

const rewardLog = (row: TauBenchRow, root: Span, { endMs }: TauBenchOptions): LogRecord => ({
  timeUnixNano: BigInt(endMs) * NANOSECONDS,
  observedTimeUnixNano: BigInt(endMs) * NANOSECONDS,
  severityNumber: 9,
  severityText: 'INFO',
  body: { kind: 'empty' },
  attributes: [
    ...keyValues({
      'gen_ai.evaluation.name': 'reward',
      [ATTRIBUTES.signalType]: 'explicit',
      [ATTRIBUTES.signalSource]: 'tau-bench',
    }),
    { key: 'gen_ai.evaluation.score.value', value: { kind: 'double', value: row.reward } },
  ],
  droppedAttributesCount: 0,
  flags: 1,
  traceId: root.traceId,
  spanId: root.spanId,
  eventName: 'gen_ai.evaluation.result',
})

const resourceOf = (agent: string): Resource => ({
  attributes: keyValues({ 'service.name': agent }),
  droppedAttributesCount: 0,
})

const keyValues = (attributes: SpanContent['attributes']): readonly KeyValue[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))

const anyValue = (value: string | readonly string[]): AnyValue =>
  typeof value === 'string'
    ? { kind: 'string', value }
    : { kind: 'array', values: value.map((text) => ({ kind: 'string', value: text })) }
