// A process of its own that runs the controller on a data folder, to be killed: `node FILE DATA_FOLDER CONFIGURATION`.
import { pino } from 'pino'
import { startController } from '../../controller/main.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { migrate } from '../../pipeline/trace-store/migrate.ts'
import { openTraceStore } from '../../pipeline/trace-store/open-trace-store.ts'

const [dataDir, settings = '{}'] = process.argv.slice(2)
const parsed = configuration.parse({ ...JSON.parse(settings), dataDir })
const services = {
  clock: systemClock,
  logger: pino({ level: 'silent' }),
  metrics: openMetrics(),
}
const log = await openEventLog(parsed, NO_SECRETS, services)
const store = await openTraceStore(parsed, NO_SECRETS)
await migrate(store)
await startController({ ...services, configuration: parsed, log, store, model: null })
