import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type OpenAiEndpoint, openOpenAiEndpoint } from '../support/openai-endpoint.ts'
import { type OtlpSink, openOtlpSink } from '../support/otlp-sink.ts'
import { type AgentRun, REGISTER, runAgent } from '../support/run-agent.ts'

let model: OpenAiEndpoint
let sink: OtlpSink

beforeAll(async () => {
  model = await openOpenAiEndpoint()
})
afterAll(() => model.close())
beforeEach(async () => {
  sink = await openOtlpSink()
  return () => sink.close()
})

const run = ({ env, ...rest }: AgentRun) =>
  runAgent({
    ...rest,
    env: {
      OPENAI_BASE_URL: model.baseUrl,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sink.grpcPort}`,
      NEOSIGMA_AGENT: 'desk',
      NEOSIGMA_EXIT_WAIT_MS: '20000',
      ...env,
    },
  })
const namesOf = (items: readonly { readonly name: string }[]) =>
  items.map(({ name }) => name).sort()

describe('a host that uses openai in every way', () => {
  test('gets the same answers and errors as without instrumentation', async () => {
    const alone = await run({ agent: 'calls.mjs', nodeOptions: [] })
    const watched = await run({ agent: 'calls.mjs' })
    expect(alone.stdout).toContain('"parsedResponse":"hello"')
    expect(watched).toEqual(alone)
  })

  test('has one span for every call, failed, streamed, stopped and cut ones too', async () => {
    await run({ agent: 'calls.mjs' })
    const spans = await sink.spans()
    expect(namesOf(spans)).toEqual(
      [
        ...['chat small', 'chat small', 'chat parsed', 'chat raw', 'chat both', 'chat streamed'],
        ...['chat stopped', 'chat cut', 'chat refused', 'chat refused', 'chat refused'],
        ...[
          'chat responding',
          'chat responding',
          'chat responding-streamed',
          'embeddings embedder',
        ],
      ].sort(),
    )
    const failed = spans.filter(({ statusCode }) => statusCode === 2)
    expect(failed.map(({ attributes }) => attributes['error.type']).sort()).toEqual([
      'AuthenticationError',
      'AuthenticationError',
      'AuthenticationError',
      'TypeError',
    ])
  })

  test('has its tokens, finish reasons, messages and tool calls recorded', async () => {
    await run({ agent: 'calls.mjs' })
    const spans = await sink.spans()
    const streamed = spans.find(({ name }) => name === 'chat streamed')
    expect(streamed?.attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 11,
      'gen_ai.usage.output_tokens': 7,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.agent.name': 'desk',
    })
    const choices = (await sink.logs()).filter(({ event }) => event === 'gen_ai.choice')
    const said = choices.find(({ spanId }) => spanId === streamed?.spanId)
    expect(said?.body).toMatchObject({ message: { content: 'one two three' } })
    expect(JSON.stringify(choices)).toContain('"arguments":"{\\"order\\":\\"A1\\"}"')
  })
})

test('a CommonJS agent is instrumented as well, over HTTP too', async () => {
  const { stdout } = await run({
    agent: 'calls.cjs',
    env: {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sink.httpPort}`,
    },
  })
  expect(stdout).toBe('{"answer":42}')
  expect(namesOf(await sink.spans())).toEqual(['chat small'])
  expect((await sink.logs()).map(({ event }) => event)).toContain('gen_ai.choice')
})

test('what is set in the environment is stamped on spans and logs', async () => {
  await run({
    agent: 'plain.mjs',
    env: {
      NEOSIGMA_AGENT_VERSION: 'v7',
      NEOSIGMA_PROMPT_NAME: 'main',
      NEOSIGMA_PROMPT_VERSION: 'p3',
    },
  })
  const all = [...(await sink.spans()), ...(await sink.logs())]
  expect(all.length).toBeGreaterThan(4)
  for (const { attributes } of all)
    expect(attributes).toMatchObject({
      'gen_ai.agent.name': 'desk',
      'gen_ai.agent.version': 'v7',
      'gen_ai.prompt.name': 'main',
      'gen_ai.prompt.version': 'p3',
    })
})

test('concurrent requests keep their identities apart, and inner ones add to outer ones', async () => {
  await run({ agent: 'identity.mjs' })
  const all = [...(await sink.spans()), ...(await sink.logs())]
  for (const user of ['ann', 'bob']) {
    const own = all.filter(({ attributes }) => attributes['user.id'] === user)
    expect(own).toHaveLength(5)
    expect(new Set(own.map(({ traceId }) => traceId)).size).toBe(1)
    for (const { attributes } of own)
      expect(attributes).toMatchObject({
        'gen_ai.conversation.id': `talk-${user}`,
        'neosigma.task.type': 'refund',
        'gen_ai.agent.name': 'desk',
      })
    expect(
      own.filter(({ attributes }) => attributes['gen_ai.prompt.version'] === user),
    ).toHaveLength(3)
  }
})

test('an evaluation is a log record of the span in which it was made', async () => {
  await run({ agent: 'identity.mjs' })
  const spans = await sink.spans()
  const evaluations = (await sink.logs()).filter(
    ({ event }) => event === 'gen_ai.evaluation.result',
  )
  expect(evaluations).toHaveLength(2)
  for (const { spanId, attributes } of evaluations) {
    const user = attributes['gen_ai.evaluation.score.label']
    expect(spans.find((span) => span.spanId === spanId)?.name).toBe(`request of ${user}`)
    expect(attributes).toMatchObject({
      'gen_ai.evaluation.name': 'helpful',
      'gen_ai.evaluation.score.value': 0.25,
      'neosigma.signal.source': 'judge',
      'neosigma.signal.type': 'automated',
    })
  }
})

test('an evaluation run never becomes traffic', async () => {
  await run({ agent: 'plain.mjs', env: { NEOSIGMA_EVALUATION: '1' } })
  expect(await sink.spans()).toEqual([])
})

describe('redaction', () => {
  const sent = async (): Promise<string> => JSON.stringify([await sink.spans(), await sink.logs()])

  test('masks personal data and leaves the rest', async () => {
    await run({ agent: 'plain.mjs', env: { NEOSIGMA_REDACT: 'personal' } })
    expect(await sent()).toContain('write to [email]')
    expect(await sent()).not.toContain('ann@example.org')
  })

  test('keeps all content in the process, even where OTel is told to capture it', async () => {
    const env = {
      NEOSIGMA_REDACT: 'content',
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
    }
    await run({ agent: 'plain.mjs', env })
    expect(namesOf(await sink.spans())).toEqual(['chat small', 'chat small'])
    expect(await sent()).not.toMatch(/write to|answer|hello/)
  })

  test('a misspelt wish sends nothing, and says so', async () => {
    const { code, stderr } = await run({ agent: 'plain.mjs', env: { NEOSIGMA_REDACT: 'contents' } })
    expect(code).toBe(0)
    expect(stderr).toContain('NEOSIGMA_REDACT is contents')
    expect(await sink.spans()).toEqual([])
  })
})

describe('an SDK of the host', () => {
  test('that started first keeps its spans, and model calls come here', async () => {
    const first = ['--import', new URL('agents/host-sdk.mjs', import.meta.url).pathname]
    const { stdout } = await run({ agent: 'identity.mjs', nodeOptions: [...first, ...REGISTER] })
    expect(stdout).toContain('[host: request of ann]')
    expect(stdout).not.toContain('[host: chat')
    expect(namesOf(await sink.spans())).toEqual(['chat model-of-ann', 'chat model-of-bob'])
    const evaluations = (await sink.logs()).filter(({ event }) => event.startsWith('gen_ai.eval'))
    expect(evaluations).toHaveLength(2)
  })

  test('that takes the parts sends everything here as well', async () => {
    await run({ agent: 'own-sdk-with-parts.mjs', nodeOptions: [] })
    const [span] = await sink.spans()
    expect(span?.name).toBe('from the host')
    expect(span?.attributes['gen_ai.agent.name']).toBe('parted')
  })
})

test('registered twice it sends everything once', async () => {
  await run({ agent: 'plain.mjs', nodeOptions: [...REGISTER, ...REGISTER] })
  expect(namesOf(await sink.spans())).toEqual(['chat small', 'chat small'])
})

describe('odd variables', () => {
  test.each([
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'no url at all' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'pigeon', OTEL_LOG_LEVEL: 'shout' },
    { OTEL_EXPORTER_OTLP_HEADERS: '=,;%', OTEL_RESOURCE_ATTRIBUTES: '=,=,%' },
    { OTEL_TRACES_SAMPLER: 'sometimes', OTEL_TRACES_SAMPLER_ARG: 'x', OTEL_PROPAGATORS: 'none' },
    { OTEL_SDK_DISABLED: 'true' },
    { NEOSIGMA_AGENT: '', NEOSIGMA_API_URL: '::', NEOSIGMA_EXIT_WAIT_MS: 'long' },
  ])('never reach the host: %o', async (env) => {
    const exitSoon = { NEOSIGMA_EXIT_WAIT_MS: '100' }
    const { code, stdout } = await run({ agent: 'plain.mjs', env: { ...exitSoon, ...env } })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"answer":42}' })
  })

  test('the sampler of the environment is heeded', async () => {
    await run({ agent: 'plain.mjs', env: { OTEL_TRACES_SAMPLER: 'always_off' } })
    expect(await sink.spans()).toEqual([])
  })
})
