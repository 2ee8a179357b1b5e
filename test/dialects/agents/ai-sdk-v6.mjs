// The AI SDK 6 with the telemetry of its own.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible-v1'
import * as ai from 'ai-v6'
import { aiSdkAgent } from './ai-sdk.mjs'
import { sendAll } from './telemetry.mjs'

await aiSdkAgent(ai, {
  openProvider: createOpenAICompatible,
  stopWhen: ai.stepCountIs(10),
  telemetry: ({ functionId, ...metadata }) => ({
    experimental_telemetry: { isEnabled: true, functionId, metadata },
  }),
})
await sendAll()
