import type { EventLogServices } from '../event-log.ts'
import type { KafkaClient } from './kafka-client.ts'
import type { Credentials, KafkaSettings } from './kafka-settings.ts'

/**
 * Loads the client that the settings name, and no other.
 * @throws ConfigError `log-refused`; TransientError `log-unavailable` after trying for some seconds
 */
export const connectClient = async (
  settings: KafkaSettings,
  credentials: Credentials,
  services: EventLogServices,
): Promise<KafkaClient> => {
  switch (settings.client) {
    case 'kafkajs': {
      const { connectKafkajs } = await import('./kafkajs-client.ts')
      return connectKafkajs(settings, credentials, services)
    }
    case 'platformatic': {
      const { connectPlatformatic } = await import('../platformatic/platformatic-client.ts')
      return connectPlatformatic(settings, credentials, services)
    }
  }
}
