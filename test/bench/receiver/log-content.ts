import { pino } from 'pino'
import type { EventLog } from '../../../pipeline/event-log/event-log.ts'
import { openEventLog } from '../../../pipeline/event-log/open-event-log.ts'
import { decodeTraces } from '../../../pipeline/otlp/decode.ts'
import { systemClock } from '../../../pipeline/service-runtime/clock.ts'
import {
  type ConfigurationInput,
  configuration,
} from '../../../pipeline/service-runtime/configuration.ts'
import { openMetrics } from '../../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'
import { TOPICS } from '../../../schemas/topics.ts'

export const openLog = (settings: ConfigurationInput): Promise<EventLog> =>
  openEventLog(configuration.parse(settings), NO_SECRETS, {
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    metrics: openMetrics(),
  })

/** Spans of the log, and different ones among them. */
export interface LogContent {
  readonly spans: number
  readonly different: number
}

export const contentOf = async (log: EventLog): Promise<LogContent> => {
  const ids = new Set<string>()
  let spans = 0
  for await (const { value } of log.readAll(TOPICS.spans.name))
    for (const { scopeSpans } of decodeTraces(value).resourceSpans)
      for (const scope of scopeSpans)
        for (const { traceId, spanId } of scope.spans) {
          spans += 1
          ids.add(traceId + spanId)
        }
  return { spans, different: ids.size }
}
