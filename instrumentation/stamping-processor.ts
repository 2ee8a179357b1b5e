import { type Context, context, propagation } from '@opentelemetry/api'
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import { attributesOf, type Identity, identityOf } from './identity.ts'

interface Stamping {
  readonly spans: SpanProcessor
  readonly logs: LogRecordProcessor
}

/** An evaluation run says so in W3C baggage; where the host propagates baggage its spans are marked without its doing. */
const ofCaller = (active: Context): Identity =>
  propagation.getBaggage(active)?.getEntry('neosigma.evaluation') === undefined
    ? {}
    : { evaluation: true }

/** Processors that stamp the identity of the context, above that of the process, on what does not say otherwise itself. */
export const stampingProcessors = (ofProcess: Identity): Stamping => {
  const stamp = (
    target: { readonly attributes: object; setAttribute(name: string, value: never): unknown },
    active: Context,
  ): void => {
    const attributes = attributesOf({ ...ofProcess, ...ofCaller(active), ...identityOf(active) })
    for (const [name, value] of Object.entries(attributes))
      if (!(name in target.attributes)) target.setAttribute(name, value as never)
  }
  const nothing = async (): Promise<void> => {}
  return {
    spans: {
      onStart: (span, parent) => stamp(span, parent),
      onEnd: () => {},
      forceFlush: nothing,
      shutdown: nothing,
    },
    logs: {
      onEmit: (record, active) => stamp(record, active ?? context.active()),
      forceFlush: nothing,
      shutdown: nothing,
    },
  }
}
