import { recordFeedback } from '@neosigma/instrumentation'
import fastify, { type FastifyInstance } from 'fastify'
import { z } from 'zod'
import { RUN_PROTOCOL, type RunResponse, runRequest } from '../../../schemas/run-protocol.ts'
import { chat, runTask, type SampleAgent } from './sample-agent.ts'

const chatRequest = z.object({
  message: z.string(),
  topic: z.string(),
  session: z.string(),
  user: z.string(),
  atMs: z.number().nullable().default(null).meta({ description: 'When it happens; null is now' }),
})

const feedbackRequest = z.object({ traceId: z.string(), user: z.string(), good: z.boolean() })

/**
 * The HTTP side of the sample agent: `/chat` and `/feedback` for its users, `/run` for neosigma.run/1, `/drifts/NAME` for
 * whoever changes its tools.
 */
export const serveAgent = (
  agent: SampleAgent,
  switchDrift: (name: string) => void,
): FastifyInstance => {
  const server = fastify()
  server.get('/healthz', () => ({ status: 'ok' }))
  server.post<{ Params: { name: string } }>('/drifts/:name', (request) => {
    switchDrift(request.params.name)
    return {}
  })
  server.post('/chat', (request) => chat(agent, chatRequest.parse(request.body)))
  server.post('/feedback', async (request) => {
    const { traceId, user, good } = feedbackRequest.parse(request.body)
    await recordFeedback({
      traceId,
      name: 'user_feedback',
      value: good ? 1 : 0,
      label: good ? 'thumbs_up' : 'thumbs_down',
      userId: user,
    })
    return {}
  })
  server.post('/run', async (request, reply): Promise<RunResponse> => {
    const parsed = runRequest.safeParse(request.body)
    if (parsed.success) return runTask(agent, parsed.data)
    reply.code(400)
    return {
      status: 'agent_error',
      usage: { inputTokens: 0, outputTokens: 0, llmCalls: 0 },
      error: { kind: 'protocol', message: `${RUN_PROTOCOL}: ${z.prettifyError(parsed.error)}` },
    }
  })
  return server
}
