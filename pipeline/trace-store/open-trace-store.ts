import type { Configuration } from '../service-runtime/configuration.ts'
import type { Secrets } from '../service-runtime/secrets.ts'
import type { TraceStore } from './trace-store.ts'

/**
 * Opens the trace store that the configuration names; `migrate` comes next.
 * @throws ConfigError `data-folder-unusable`, `store-refused`; TransientError `store-unavailable`
 */
export const openTraceStore = async (
  { traceStore, dataDir }: Pick<Configuration, 'traceStore' | 'dataDir'>,
  secrets: Pick<Secrets, 'clickhousePassword'>,
): Promise<TraceStore> => {
  switch (traceStore.driver) {
    case 'chdb': {
      const { openChdbTraceStore } = await import('./chdb-trace-store.ts')
      return openChdbTraceStore(dataDir)
    }
    case 'clickhouse': {
      const { openClickHouseTraceStore } = await import('./clickhouse-trace-store.ts')
      const { url, user, database, cluster, replicated } = traceStore
      return openClickHouseTraceStore({
        url,
        user,
        database,
        password: secrets.clickhousePassword,
        topology: { cluster, replicated },
      })
    }
  }
}
