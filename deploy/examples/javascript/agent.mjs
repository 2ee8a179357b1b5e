// An agent on the plain `openai` package that NeoSigma can improve: it takes its prompt from the candidate of each run.
//
//   node agent.mjs serve [PORT]   HTTP transport: POST /run    (run: "http://127.0.0.1:PORT/run")
//   node agent.mjs run            command transport: stdin → stdout  (run: "command:node agent.mjs run")
//
// Start it with `--import @neosigma/instrumentation/register` and its production runs are watched as well.
import { createServer } from 'node:http'
import { json, text } from 'node:stream/consumers'
import { withIdentity } from '@neosigma/instrumentation'
import { trace } from '@opentelemetry/api'
import OpenAI from 'openai'

const AGENT = 'order-desk'
const client = new OpenAI()
const tracer = trace.getTracer(AGENT)

/** The tools do; what the model sees of them, the candidate may describe otherwise. */
const TOOLS = {
  lookup_order: ({ order }) => ({ order, state: 'delivered', total: 19.9 }),
  refund_order: ({ order }) => ({ order, refunded: true }),
}

/** `neosigma.run/1`: one run of one candidate on one task. What fails in here is the agent's failure. */
const run = async ({ task, candidate, seed, limits }) => {
  const usage = { inputTokens: 0, outputTokens: 0, llmCalls: 0 }
  const toolCalls = []
  const identity = { agentName: AGENT, agentVersion: candidate.digest, evaluation: true }
  try {
    const output = await withIdentity(identity, () =>
      tracer.startActiveSpan(`invoke_agent ${AGENT}`, (span) =>
        answer({ task, config: candidate.config, seed, limits, usage, toolCalls }).finally(() =>
          span.end(),
        ),
      ),
    )
    return { status: 'ok', output, usage, toolCalls }
  } catch (error) {
    const away = error instanceof OpenAI.APIConnectionError || error?.status >= 500
    return {
      // Not to be held against the candidate: the endpoint of the model is away.
      status: away ? 'infra_error' : 'agent_error',
      usage,
      toolCalls,
      error: { kind: error.constructor.name, message: error.message },
    }
  }
}

const answer = async ({ task, config, seed, limits, usage, toolCalls }) => {
  const system = Object.values(config.prompts ?? {})
    .flat()
    .map((section) => section.text)
    .join('\n\n')
  const messages = [
    { role: 'system', content: system },
    {
      role: 'user',
      content: typeof task.input === 'string' ? task.input : JSON.stringify(task.input),
    },
  ]
  for (let step = 0; step < (limits.maxSteps ?? config.guards?.maxSteps ?? 12); step++) {
    const completion = await client.chat.completions.create({
      ...config.model?.params,
      model: config.model?.name || 'simulated',
      messages,
      seed,
      tools: toolsOf(config),
    })
    usage.llmCalls += 1
    usage.inputTokens += completion.usage?.prompt_tokens ?? 0
    usage.outputTokens += completion.usage?.completion_tokens ?? 0
    const { message } = completion.choices[0]
    if (message.tool_calls === undefined) return message.content
    messages.push(message, ...message.tool_calls.map((call) => callTool(call, toolCalls)))
  }
  throw new Error('the agent did not come to an end')
}

const toolsOf = (config) =>
  Object.keys(TOOLS).map((name) => {
    const described = config.tools?.find((tool) => tool.name === name)
    const { description = '', parameters = { type: 'object' } } = described ?? {}
    return { type: 'function', function: { name, description, parameters } }
  })

const callTool = ({ id, function: { name, arguments: written } }, toolCalls) =>
  tracer.startActiveSpan(`execute_tool ${name}`, (span) => {
    const given = JSON.parse(written)
    toolCalls.push({ name, arguments: given })
    span.setAttributes({ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name })
    const result = TOOLS[name]?.(given) ?? { error: `there is no tool ${name}` }
    span.end()
    return { role: 'tool', tool_call_id: id, content: JSON.stringify(result) }
  })

const serve = (port) => {
  const server = createServer(async (request, response) => {
    const body = await json(request).then(run, (error) => ({
      status: 'agent_error',
      error: { kind: 'request', message: String(error) },
    }))
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  server.listen(port, '127.0.0.1', () => {
    process.stdout.write(`http://127.0.0.1:${server.address().port}/run\n`)
  })
}

const [mode, port = '0'] = process.argv.slice(2)
if (mode === 'serve') serve(Number(port))
else process.stdout.write(`${JSON.stringify(await run(JSON.parse(await text(process.stdin))))}\n`)
