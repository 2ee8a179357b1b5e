// OpenTelemetry's instrumentation of openai: content in log records.
import { metrics } from '@opentelemetry/api'
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai'
import * as openai from 'openai'
import { genAiAgent } from './genai-agent.mjs'
import { logRecords, sendAll, traces } from './telemetry.mjs'

/** It declares majors below 7 and patches later ones all the same, if it is asked to. */
class Patching extends OpenAIInstrumentation {
  patch() {
    for (const { patch } of this.init()) patch(openai, '6.0.0')
  }
}

const instrumentation = new Patching({ captureMessageContent: true })
instrumentation.setTracerProvider(traces)
instrumentation.setLoggerProvider(logRecords)
// It takes its instruments from a meter provider, whichever.
instrumentation.setMeterProvider(metrics.getMeterProvider())
instrumentation.patch()

await genAiAgent((baseURL) => new openai.OpenAI({ baseURL, maxRetries: 0 }))
await sendAll()
