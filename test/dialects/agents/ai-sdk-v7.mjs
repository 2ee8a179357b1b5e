// The AI SDK 7 with its telemetry of OpenTelemetry.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { OpenTelemetry } from '@ai-sdk/otel'
import * as ai from 'ai'
import { aiSdkAgent } from './ai-sdk.mjs'
import { sendAll } from './telemetry.mjs'

ai.registerTelemetry(new OpenTelemetry({ runtimeContext: true }))
await aiSdkAgent(ai, {
  openProvider: createOpenAICompatible,
  stopWhen: ai.isStepCount(10),
  telemetry: ({ functionId, ...runtimeContext }) => ({
    runtimeContext,
    telemetry: { functionId, includeRuntimeContext: { sessionId: true, userId: true } },
  }),
})
await sendAll()
