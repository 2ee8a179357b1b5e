import { afterAll } from 'vitest'
import { openEventLog } from '../../../pipeline/event-log/open-event-log.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'
import { describeEventLog } from '../../contract/event-log.contract.ts'
import { testServices } from '../../support/log-reading.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const { folder, remove } = temporaryFolder()
afterAll(remove)

const settings = { dataDir: folder, eventLog: { driver: 'sqlite' } } as const

describeEventLog({ name: 'SQLite', configuration: settings, rebalanceMs: 20_000 }, () =>
  openEventLog(configuration.parse(settings), NO_SECRETS, testServices()),
)
