// Fastify: the same HTTP server as the API's; it validates, limits and closes properly.
import fastify, { type FastifyInstance } from 'fastify'
import { z } from 'zod'
import { chatCompletion, chatCompletionRequest, type Simulation } from './chat-completion.ts'
import { embedText } from './embed-text.ts'
import { streamCompletion } from './stream-completion.ts'
import { driftsOf, type World } from './world.ts'

export interface SimulatedModelOptions {
  readonly world: World
  readonly seed: string | number
  /** 0 takes any free port. */
  readonly port?: number
}

export interface SimulatedModel {
  /** Base URL for OpenAI clients, with `/v1`. */
  readonly baseUrl: string
  close(): Promise<void>
}

const embeddingRequest = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string())]),
  encoding_format: z.enum(['float', 'base64']).optional(),
})

const problem = (message: string) => ({
  error: { message, type: 'invalid_request_error', param: null, code: null },
})

/**
 * A server on loopback that speaks OpenAI's chat completions and embeddings and behaves as its world says.
 * `POST /simulation/drifts/NAME` switches on what the world calls a drift, as a provider's update would.
 */
export const startSimulatedModel = async (
  options: SimulatedModelOptions,
): Promise<SimulatedModel> => {
  const drifts = new Set<string>()
  const server = fastify({ bodyLimit: 20 * 1024 * 1024 })
  const simulation: Simulation = { world: options.world, seed: String(options.seed), drifts }
  server.addHook('onSend', async (_request, reply) => {
    reply.header('x-simulated-model', 'true')
  })
  serveChat(server, simulation)
  serveEmbeddings(server)
  server.get('/v1/models', () => ({ object: 'list', data: [{ id: 'simulated', object: 'model' }] }))
  server.post<{ Params: { name: string } }>('/simulation/drifts/:name', (request, reply) => {
    const known = driftsOf(options.world)
    if (!known.includes(request.params.name))
      return reply.code(404).send(problem(`The world has these drifts: ${known.join(', ')}.`))
    drifts.add(request.params.name)
    return { on: [...drifts] }
  })
  const address = await server.listen({ host: '127.0.0.1', port: options.port ?? 0 })
  return { baseUrl: `${address}/v1`, close: () => server.close() }
}

const serveChat = (server: FastifyInstance, simulation: Simulation): void => {
  server.post('/v1/chat/completions', (request, reply) => {
    const parsed = chatCompletionRequest.safeParse(request.body)
    if (!parsed.success) return reply.code(400).send(problem(z.prettifyError(parsed.error)))
    const completion = chatCompletion(simulation, parsed.data, Math.floor(Date.now() / 1000))
    if (parsed.data.stream !== true) return completion
    return reply.type('text/event-stream').send(streamCompletion(completion).join(''))
  })
}

const serveEmbeddings = (server: FastifyInstance): void => {
  server.post('/v1/embeddings', (request, reply) => {
    const parsed = embeddingRequest.safeParse(request.body)
    if (!parsed.success) return reply.code(400).send(problem(z.prettifyError(parsed.error)))
    const texts = [parsed.data.input].flat()
    const encode = (vector: number[]) =>
      parsed.data.encoding_format === 'base64'
        ? Buffer.from(new Float32Array(vector).buffer).toString('base64')
        : vector
    const tokens = texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0)
    return {
      object: 'list',
      model: parsed.data.model,
      data: texts.map((text, index) => ({
        object: 'embedding',
        index,
        embedding: encode(embedText(text)),
      })),
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    }
  })
}
