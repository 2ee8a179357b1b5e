import { SpanStatusCode, trace } from '@opentelemetry/api'
import type { OpenAI } from 'openai'
import { type AgentConfig, promptText } from '../../../schemas/agent-config.ts'
import type { World } from '../../simulated-model/world.ts'
import { runTool, type ToolBox } from './run-tool.ts'

export interface Conversation {
  readonly message: string
  readonly config: AgentConfig
  readonly seed?: number | undefined
}

/** What the agent works with. */
export interface Equipment {
  readonly client: OpenAI
  readonly world: World
  /** Drifts of the tools that have been switched on. */
  readonly drifts: ReadonlySet<string>
}

export interface Answer {
  readonly text: string
  readonly modelCalls: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly toolCalls: readonly { readonly name: string; readonly arguments: unknown }[]
}

type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam
type ToolCall = OpenAI.Chat.Completions.ChatCompletionMessageFunctionToolCall
const tracer = trace.getTracer('sample-agent')

/** The sample agent: a loop of model calls and tool calls, as any agent is. */
export const answerMessage = async (
  { client, world, drifts }: Equipment,
  { message, config, seed }: Conversation,
): Promise<Answer> => {
  const messages: Message[] = [
    { role: 'system', content: promptText(config, world.agent.promptId) },
    { role: 'user', content: message },
  ]
  const tools = toolsOf(world, config)
  const called: { name: string; arguments: unknown }[] = []
  const usage = { inputTokens: 0, outputTokens: 0 }
  for (let step = 1; step <= config.guards.maxSteps; step++) {
    const completion = await client.chat.completions.create({
      model: config.model.name,
      ...config.model.params,
      messages,
      ...(tools.length === 0 ? {} : { tools }),
      ...(seed === undefined ? {} : { seed }),
    })
    usage.inputTokens += completion.usage?.prompt_tokens ?? 0
    usage.outputTokens += completion.usage?.completion_tokens ?? 0
    const reply = completion.choices[0]?.message
    const calls = (reply?.tool_calls ?? []).filter((call) => call.type === 'function')
    if (reply === undefined || calls.length === 0)
      return { text: reply?.content ?? '', modelCalls: step, toolCalls: called, ...usage }
    messages.push(reply)
    for (const call of calls) {
      messages.push(callTool({ tools: world.tools, drifts }, call, called))
    }
  }
  throw new Error(`The agent did not finish within ${config.guards.maxSteps} steps.`)
}

const toolsOf = (world: World, config: AgentConfig) =>
  world.tools
    .filter(({ name }) => config.tools.find((tool) => tool.name === name)?.enabled !== false)
    .map(({ name, description, parameters }) => ({
      type: 'function' as const,
      function: {
        name,
        description: config.tools.find((tool) => tool.name === name)?.description ?? description,
        parameters,
      },
    }))

const callTool = (
  box: ToolBox,
  call: ToolCall,
  called: { name: string; arguments: unknown }[],
): Message => {
  const { name, arguments: args } = call.function
  return tracer.startActiveSpan(`execute_tool ${name}`, (span) => {
    span.setAttributes({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.call.id': call.id,
      'gen_ai.tool.call.arguments': args,
    })
    const failed = (message: string): void => {
      span.setAttribute('error.type', 'tool_error')
      span.setStatus({ code: SpanStatusCode.ERROR, message })
    }
    try {
      const before = called.map((earlier) => earlier.name)
      const { content, error } = runTool(box, name, args, before)
      called.push({ name, arguments: JSON.parse(args) })
      span.setAttribute('gen_ai.tool.call.result', content)
      if (error !== null) failed(error)
      return { role: 'tool' as const, tool_call_id: call.id, content }
    } catch (error) {
      failed(String(error))
      throw error
    } finally {
      span.end()
    }
  })
}
