import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'

/**
 * The sampler of OpenTelemetry's `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`; anything else keeps every trace
 * whose parent was kept. Sampling at the source biases counts of failures: it is there for who needs it.
 */
export const samplerOf = (name: string | undefined, argument: string | undefined): Sampler => {
  const root = name?.startsWith('parentbased_') === true ? name.slice('parentbased_'.length) : name
  if (root === undefined || root === '' || name !== root)
    return new ParentBasedSampler({ root: rootSampler(root, argument) })
  return rootSampler(root, argument)
}

const rootSampler = (name: string | undefined, argument: string | undefined): Sampler => {
  if (name === 'always_off') return new AlwaysOffSampler()
  const ratio = Number(argument)
  const given = argument !== undefined && argument !== '' && ratio >= 0 && ratio <= 1
  return name === 'traceidratio' && given
    ? new TraceIdRatioBasedSampler(ratio)
    : new AlwaysOnSampler()
}
