/**
 * Attributes of NeoSigma's own, beside OpenTelemetry's conventions: on spans, log records or the resource, as text.
 * Everything else that is read has a name of a convention (consumers/runs/README.md).
 */
export const ATTRIBUTES = {
  /** `true` on NeoSigma's own model calls: diverted by the receiver. */
  internal: 'neosigma.internal',
  /** `true` on agent runs of the optimizer and the regression test: diverted by the receiver. */
  evaluation: 'neosigma.evaluation',
  /** Agent name, on the resource of a process that holds one agent. */
  agent: 'neosigma.agent',
  /** What kind of task a run is: failures are compared within it. */
  taskType: 'neosigma.task.type',
  /** On a `gen_ai.evaluation.result` event: explicit, implicit, downstream or automated. */
  signalType: 'neosigma.signal.type',
  /** On a `gen_ai.evaluation.result` event: who says so. */
  signalSource: 'neosigma.signal.source',
  /** On a `gen_ai.evaluation.result` event: version of the scorer. */
  signalVersion: 'neosigma.signal.version',
} as const
