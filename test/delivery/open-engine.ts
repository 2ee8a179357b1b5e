import type { DeliveryEngine, EngineOptions } from './engine.ts'
import type { EngineName } from './run-delivery.ts'

/** Only the modules of the engine that is asked for are loaded. */
export const openEngine = async (
  name: EngineName,
  options: EngineOptions,
): Promise<DeliveryEngine> => {
  switch (name) {
    case 'embedded':
      return (await import('./embedded-engine.ts')).openEmbeddedEngine(options)
    case 'kafka':
      return (await import('./kafka-engine.ts')).openKafkaEngine(options)
  }
}
