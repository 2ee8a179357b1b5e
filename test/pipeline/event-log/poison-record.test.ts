import { afterAll, describe } from 'vitest'
import { openEventLog } from '../../../pipeline/event-log/open-event-log.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'
import { describePoisonRecord } from '../../contract/poison-record.contract.ts'
import { testServices } from '../../support/log-reading.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const { folder, remove } = temporaryFolder()
afterAll(remove)
const settings = { dataDir: folder, eventLog: { driver: 'sqlite' } } as const

describe('a record that ends its consumer', () => {
  describePoisonRecord({
    name: 'SQLite',
    settings: () => settings,
    open: () => openEventLog(configuration.parse(settings), NO_SECRETS, testServices()),
  })
})
