// Two requests at once, each for a user of its own, with evaluations inside their spans.
import { recordEvaluation, withIdentity } from '@neosigma/instrumentation'
import { trace } from '@opentelemetry/api'
import OpenAI from 'openai'

const client = new OpenAI({ apiKey: 'test' })
const tracer = trace.getTracer('agent')

const answer = (user) =>
  withIdentity({ conversationId: `talk-${user}`, userId: user, taskType: 'refund' }, () =>
    tracer.startActiveSpan(`request of ${user}`, async (span) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      await withIdentity({ promptName: 'inner', promptVersion: user }, () =>
        client.chat.completions.create({
          model: `model-of-${user}`,
          messages: [{ role: 'user', content: user }],
        }),
      )
      recordEvaluation({ name: 'helpful', value: 0.25, label: user, source: 'judge' })
      span.end()
    }),
  )
await Promise.all(['ann', 'bob'].map(answer))
