/** The public door of `@neosigma/instrumentation`. */
export { isCanarySession } from './assign-session.ts'
export { type Identity, withIdentity } from './identity.ts'
export {
  type LiveConfig,
  type LiveConfigOptions,
  type LiveVersion,
  liveConfig,
} from './live-config.ts'
export { CurrentOpenAIInstrumentation } from './openai-instrumentation.ts'
export { type EvaluationRecord, recordEvaluation } from './record-evaluation.ts'
export { type Feedback, recordFeedback } from './record-feedback.ts'
export { type Redact, redactPersonal } from './redact.ts'
export { flushTelemetry, type RunningInstrumentation } from './running.ts'
export { type InstrumentationOptions, type SdkParts, sdkParts } from './sdk-parts.ts'
export { startInstrumentation } from './start-instrumentation.ts'
