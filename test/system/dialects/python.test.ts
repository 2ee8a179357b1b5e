import { beforeAll, describe, expect, test } from 'vitest'
import { factsOf, type Silence } from '../../support/dialect-facts.ts'
import { type CapturedTrace, capturedTraces } from '../../support/dialect-golden.ts'
import { goldenOf, matchGolden } from '../../support/match-golden.ts'
import { sayMissing } from '../../support/outside.ts'
import { capturePython, type PythonAgent } from '../../support/python-capture.ts'

interface Watcher extends PythonAgent {
  readonly dialect: string
  readonly silent?: readonly Silence[]
}

const LATEST = {
  OTEL_SEMCONV_STABILITY_OPT_IN: 'gen_ai_latest_experimental',
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'span_only',
}
const WATCHERS: readonly Watcher[] = [
  {
    name: 'otel',
    requirements: 'openai',
    dialect: 'gen-ai',
    env: { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'event_only' },
  },
  {
    name: 'openinference_openai',
    requirements: 'openai',
    dialect: 'openinference',
    silent: ['failed calls'],
  },
  { name: 'traceloop_openai', requirements: 'openai', dialect: 'traceloop' },
  { name: 'langfuse_openai', requirements: 'langfuse', dialect: 'langfuse' },
  // Its own words stand around the answer of a tool that failed, and it tells no user.
  {
    name: 'pydantic_agent',
    requirements: 'pydantic',
    dialect: 'pydantic-ai',
    silent: ['users', 'answers of tools', 'usage of streams'],
  },
  // It adds to the system prompt, and wraps what tools answer.
  {
    name: 'adk_agent',
    requirements: 'adk',
    dialect: 'google-adk',
    env: LATEST,
    silent: ['users', 'answers of tools', 'messages'],
  },
]

const missing = (watcher: Watcher, reason: string): readonly CapturedTrace[] => {
  sayMissing(`the Python agent watched by ${watcher.name}`, reason)
  return []
}
const capture = async (watcher: Watcher): Promise<readonly CapturedTrace[]> => {
  const captured = await capturePython(watcher)
  return 'missing' in captured ? missing(watcher, captured.missing) : capturedTraces(captured)
}
const goldenPath = (name: string): string => `test/system/dialects/goldens/${name}.json`

describe.each(WATCHERS)('the desk in Python watched by $name', (watcher) => {
  let traces: readonly CapturedTrace[]
  beforeAll(async () => {
    traces = await capture(watcher)
  })
  const told = (what: Silence): boolean => watcher.silent?.includes(what) !== true

  test('sends what it sent before, and it becomes the runs that it became', ({ skip }) => {
    skip(traces.length === 0)
    matchGolden(goldenPath(watcher.name), traces)
    const dialects = traces.flatMap(({ runs }) => runs.map(({ dialect }) => dialect))
    expect(dialects).toEqual([watcher.dialect, watcher.dialect, watcher.dialect])
  })

  test('has what the same agent has in JavaScript', ({ skip }) => {
    skip(traces.length === 0)
    const others = goldenOf<readonly CapturedTrace[]>('test/dialects/goldens/ai-sdk-v7.json')
    const factsOfAll = (all: readonly CapturedTrace[]): unknown =>
      all.map(({ runs }) => runs.map((run) => factsOf(run, told)))
    expect(factsOfAll(traces)).toEqual(factsOfAll(others))
  })
})

test('an MCP server and its client: each call once, the failed one as what it is', async ({
  skip,
}) => {
  const watcher = { name: 'mcp_server', requirements: 'mcp', dialect: 'mcp' }
  const traces = await capture(watcher)
  skip(traces.length === 0)
  matchGolden(goldenPath(watcher.name), traces)
  const [run, ...others] = traces.flatMap(({ runs }) => runs)
  expect(others).toEqual([])
  expect(run).toMatchObject({ agent: 'desk', outcome: 'pass', toolCalls: 2, modelCalls: 0 })
  const tools = run?.steps.filter(({ kind }) => kind === 'tool') ?? []
  expect(tools.map(({ name, error }) => [name, error?.type])).toEqual([
    ['lookup_order', undefined],
    ['track_parcel', 'tool_error'],
  ])
})
