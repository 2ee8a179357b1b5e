import { hostname } from 'node:os'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { ATTRIBUTES } from '../../schemas/attribute-names.ts'
import type { Configuration } from './configuration.ts'

/** Where a process of NeoSigma sends its own metrics and logs. */
export interface OwnTelemetry {
  /** OTLP over HTTP, without `/v1/…`. */
  readonly endpoint: string
  readonly intervalMs: number
  /** For one sending with all its tries, the last one at a stop among them. */
  readonly timeoutMs: number
  readonly resource: Resource
}

const MOST_SENDING_MS = 3000

/** null where it is not wanted: Prometheus text and JSON lines are always there. */
export const ownTelemetry = (
  { telemetry }: Pick<Configuration, 'telemetry'>,
  roles: readonly string[],
): OwnTelemetry | null =>
  telemetry.otlpEndpoint === null
    ? null
    : {
        endpoint: telemetry.otlpEndpoint.replace(/\/+$/u, ''),
        intervalMs: telemetry.intervalMs,
        timeoutMs: Math.min(telemetry.intervalMs, MOST_SENDING_MS),
        resource: resourceFromAttributes({
          'service.name': 'neosigma',
          'service.instance.id': `${hostname()}:${process.pid}`,
          'neosigma.roles': roles.join(','),
          // Sent to NeoSigma's own receiver by mistake, it never enters the mining of failures.
          [ATTRIBUTES.internal]: true,
        }),
      }
