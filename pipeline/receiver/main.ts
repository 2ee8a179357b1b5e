import type { Role, RoleContext } from '../service-runtime/role.ts'
import { byteBudget } from './byte-budget.ts'
import { openGrpcServer } from './grpc-server.ts'
import { openHttpServer } from './http-server.ts'
import { openIntake } from './intake.ts'
import type { TransportServices } from './transport.ts'

/** The ports listened on, which differ from the configured ones where those are 0. */
export interface ReceiverRole extends Role {
  readonly grpcPort: number
  readonly httpPort: number
}

/** Bodies in flight, as a multiple of the largest one; beyond it senders are asked to come back. */
const BODIES_IN_FLIGHT = 4
/** How far one body may grow when each of its traces gets a copy of its resource, in the same unit. */
const GROWTH = 2
const GRACE_MS = 10_000

type ReceiverContext = Pick<RoleContext, 'configuration' | 'log' | 'logger' | 'metrics'>

/** Takes OTLP over gRPC and HTTP and appends it to the event log. @throws ConfigError `port-in-use` */
export const startReceiver = async ({
  configuration,
  log,
  logger,
  metrics,
}: ReceiverContext): Promise<ReceiverRole> => {
  const { host, grpcPort, httpPort, maxBodyBytes } = configuration.receiver
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>()
  const services: TransportServices = {
    intake: openIntake({ log, metrics }, GROWTH * maxBodyBytes),
    lease: byteBudget(BODIES_IN_FLIGHT * maxBodyBytes),
    maxBodyBytes,
    logger,
    metrics,
    fail,
  }
  const grpc = await openGrpcServer(services, {
    host,
    port: grpcPort,
    variable: 'NEOSIGMA_OTLP_GRPC_PORT',
  })
  const http = await openHttpServer(services, {
    host,
    port: httpPort,
    variable: 'NEOSIGMA_OTLP_HTTP_PORT',
  }).catch(async (error: unknown) => {
    await grpc.stop(0)
    throw error
  })
  logger.info({ host, grpcPort: grpc.port, httpPort: http.port }, 'receiver listens for OTLP')
  return {
    name: 'receiver',
    grpcPort: grpc.port,
    httpPort: http.port,
    failed,
    notReady: () => [],
    stop: async () => {
      await Promise.all([grpc.stop(GRACE_MS), http.stop(GRACE_MS)])
    },
  }
}
