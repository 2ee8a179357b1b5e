import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify'
import {
  type HealthServer,
  openHealthServer,
} from '../../pipeline/service-runtime/health-server.ts'
import { loopRole } from '../../pipeline/service-runtime/loop-role.ts'
import type { Role, RoleContext } from '../../pipeline/service-runtime/role.ts'
import { answerError } from './answer-error.ts'
import { clusterEventRoutes } from './cluster-event-routes.ts'
import { clusterRoutes } from './cluster-routes.ts'
import { commandRoutes } from './command-routes.ts'
import { controlRoutes } from './control-routes.ts'
import { followLiveConfigurations } from './follow-live-configurations.ts'
import { lagRoutes } from './lag-routes.ts'
import { type LiveConfigurations, liveConfigRoutes } from './live-config-routes.ts'
import { rebuildRoutes } from './rebuild-routes.ts'
import { refuseForeignPages } from './refuse-foreign-pages.ts'
import { runRoutes } from './run-routes.ts'
import { signalListings } from './signal-listings.ts'
import { signalRoutes } from './signal-routes.ts'
import { sqlRoutes } from './sql-routes.ts'

/** The port listened on differs from the configured one where that is 0. */
export interface ApiRole extends Role {
  readonly port: number
}

/** Largest request: 10,000 signals with explanations fit. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024
const GRACE_MS = 5000

/**
 * Listings, SQL, signals, commands and live configurations over HTTP. `door` is a server that listens already; without
 * it the API opens its own. @throws ConfigError `port-in-use`, `config-unreadable`, `config-invalid`
 */
export const startApi = async (context: RoleContext, door?: HealthServer): Promise<ApiRole> => {
  const { logger } = context
  let reasons: readonly string[] = ['api: reading past decisions']
  const listening = door ?? (await openDoor(context, () => reasons))
  const close = async (): Promise<void> => {
    listening.serve(null)
    if (door === undefined) await listening.stop(GRACE_MS)
  }
  const following = new AbortController()
  try {
    const live = followLiveConfigurations(context, following.signal)
    const server = await openRoutes(context, live)
    listening.serve((request, response) => server.routing(request, response))
    logger.info({ host: context.configuration.api.host, port: listening.port }, 'the API listens')
    const role = loopRole({
      name: 'api',
      logger,
      run: async (signal) => {
        signal.addEventListener('abort', () => following.abort(), { once: true })
        const caughtUp = live.caughtUp.then(() => {
          reasons = []
        })
        await Promise.all([caughtUp, live.ended])
      },
      notReady: () => reasons,
      close: async () => {
        await server.close()
        await close()
      },
    })
    return { ...role, port: listening.port }
  } catch (error) {
    following.abort()
    await close()
    throw error
  }
}

const openDoor = (
  { configuration, metrics }: RoleContext,
  notReady: () => readonly string[],
): Promise<HealthServer> =>
  openHealthServer({ ...configuration.api, variable: 'NEOSIGMA_API_PORT', metrics, notReady })

const openRoutes = async (
  context: RoleContext,
  live: LiveConfigurations,
): Promise<FastifyInstance> => {
  const server = fastify({
    loggerInstance: context.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    return503OnClosing: true,
  })
  server.setErrorHandler(answerError)
  server.setNotFoundHandler((request, reply) => {
    const message = `There is no ${request.method} ${request.url}.`
    return reply.code(404).send({ error: { code: 'not-found', message } })
  })
  server.addHook('onRequest', refuseForeignPages)
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown'
    const labels = { method: request.method, route, status: reply.statusCode }
    context.metrics.count('neosigma.api.requests', 1, labels)
    context.metrics.record('neosigma.api.duration.ms', reply.elapsedTime, { route })
    done()
  })
  runRoutes(server, context)
  clusterRoutes(server, context)
  clusterEventRoutes(server, context)
  controlRoutes(server, context)
  lagRoutes(server, context)
  sqlRoutes(server, context)
  rebuildRoutes(server, context)
  signalRoutes(server, context)
  signalListings(server, context)
  commandRoutes(server, context, live)
  liveConfigRoutes(server, live)
  await server.ready()
  return server
}
