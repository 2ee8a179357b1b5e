import fastify, { type FastifyInstance } from 'fastify'
import { startMiner } from '../../consumers/miner/main.ts'
import { startRuns } from '../../consumers/runs/main.ts'
import { sqlRoutes } from '../../controller/api/sql-routes.ts'
import { apiClient } from '../../deploy/cli/api-client.ts'
import type { ImportServices } from '../../deploy/import/import-file.ts'
import { startReceiver } from '../../pipeline/receiver/main.ts'
import type { ConfigurationInput } from '../../pipeline/service-runtime/configuration.ts'
import type { Role } from '../../pipeline/service-runtime/role.ts'
import { startWriter } from '../../pipeline/writer/main.ts'
import { openTestContext, type TestContext, type TestContextOptions } from './open-test-context.ts'

/** Receiver, writer, runs and miner on the embedded engines, and the API's SQL, as an import meets them. */
export interface ImportSystem {
  readonly context: TestContext
  readonly services: ImportServices
  rows<Row>(sql: string): Promise<readonly Row[]>
  close(): Promise<void>
}

export const importSystem = async (
  configuration: ConfigurationInput = {},
  openModel?: TestContextOptions['openModel'],
): Promise<ImportSystem> => {
  const context = await openTestContext({
    configuration: {
      receiver: { grpcPort: 0, httpPort: 0 },
      runs: { quietMs: 200, pollMs: 50 },
      miner: { reclusterMs: 200 },
      ...configuration,
    },
    ...(openModel === undefined ? {} : { openModel }),
  })
  const receiver = await startReceiver(context)
  const roles: readonly Role[] = [
    receiver,
    await startWriter(context),
    await startRuns(context),
    await startMiner(context),
  ]
  const server: FastifyInstance = fastify()
  sqlRoutes(server, context)
  const apiUrl = await server.listen({ host: '127.0.0.1', port: 0 })
  return {
    context,
    services: {
      receiverUrl: `http://127.0.0.1:${receiver.httpPort}`,
      api: apiClient(apiUrl),
      clock: context.clock,
      onProgress: () => undefined,
    },
    rows: (sql) => context.store.query(sql),
    close: async () => {
      await server.close()
      await Promise.all(roles.map((role) => role.stop()))
      await context.close()
    },
  }
}
