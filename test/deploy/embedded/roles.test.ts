import { expect, test } from 'vitest'
import { inFlowOrder, ROLES, refuseSplitStore } from '../../../deploy/embedded/roles.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'

const EMBEDDED = configuration.parse({})
const SERVER = configuration.parse({
  traceStore: { driver: 'clickhouse', url: 'http://127.0.0.1:8123' },
})

test('roles start in the order of the data flow, each once', () => {
  expect(inFlowOrder(['api', 'runs', 'receiver', 'api'])).toEqual(['receiver', 'runs', 'api'])
  expect(inFlowOrder(ROLES)).toEqual(ROLES)
})

test('the embedded store is shared by no two processes: its roles run together or on a server', () => {
  expect(() => refuseSplitStore(['writer'], EMBEDDED)).toThrow('[roles-need-clickhouse]')
  expect(() => refuseSplitStore(['receiver', 'writer', 'runs'], EMBEDDED)).toThrow('miner')
  expect(() => refuseSplitStore(['receiver'], EMBEDDED)).not.toThrow()
  expect(() => refuseSplitStore(ROLES, EMBEDDED)).not.toThrow()
  expect(() =>
    refuseSplitStore(
      ROLES.filter((role) => role !== 'receiver'),
      EMBEDDED,
    ),
  ).not.toThrow()
  expect(() => refuseSplitStore(['writer'], SERVER)).not.toThrow()
})
