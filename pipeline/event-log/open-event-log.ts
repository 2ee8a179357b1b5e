import type { Configuration } from '../service-runtime/configuration.ts'
import type { Secrets } from '../service-runtime/secrets.ts'
import type { EventLog, EventLogServices } from './event-log.ts'

/**
 * Opens the event log that the configuration names; `createTopics` comes next.
 * @throws ConfigError `data-folder-unusable`, `store-newer`, `log-refused`; TransientError `log-unavailable`
 */
export const openEventLog = async (
  { eventLog, dataDir }: Pick<Configuration, 'eventLog' | 'dataDir'>,
  secrets: Pick<Secrets, 'kafkaUsername' | 'kafkaPassword'>,
  services: EventLogServices,
): Promise<EventLog> => {
  switch (eventLog.driver) {
    case 'sqlite': {
      const { openSqliteEventLog } = await import('./sqlite-event-log.ts')
      return openSqliteEventLog({ dataDir, maxBytes: eventLog.maxBytes }, services)
    }
    case 'kafka': {
      const { openKafkaEventLog } = await import('./kafka-event-log.ts')
      return openKafkaEventLog(eventLog, secrets, services)
    }
  }
}
