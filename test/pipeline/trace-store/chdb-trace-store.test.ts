import { afterAll } from 'vitest'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'
import { openTraceStore } from '../../../pipeline/trace-store/open-trace-store.ts'
import { describeTraceStore } from '../../contract/trace-store.contract.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const { folder, remove } = temporaryFolder()
afterAll(remove)

describeTraceStore('chDB', () =>
  openTraceStore({ traceStore: { driver: 'chdb' }, dataDir: folder }, NO_SECRETS),
)
