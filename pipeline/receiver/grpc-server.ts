import { createServer } from 'node:net'
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { type ListenOptions, listen } from '../service-runtime/listen.ts'
import { receiptBody, statusBytes } from './answers.ts'
import { GRPC } from './failure.ts'
import type { Signal } from './intake.ts'
import {
  recordFailure,
  recordSuccess,
  type Transport,
  type TransportServices,
} from './transport.ts'

const asIs = (bytes: Buffer): Buffer => bytes

/** Bodies stay bytes: decoding belongs to the intake, whose errors are the sender's and not "internal". */
const exportService = (path: string): ServiceDefinition => ({
  Export: {
    path: `/opentelemetry.proto.collector.${path}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  },
})

const SERVICES = {
  traces: exportService('trace.v1.TraceService'),
  logs: exportService('logs.v1.LogsService'),
} as const satisfies Record<Signal, ServiceDefinition>

type Call = ServerUnaryCall<Buffer, Buffer>
type Callback = sendUnaryData<Buffer>

/** Requests of one connection at a time: each may hold a body before the budget sees it. */
const STREAMS_PER_CONNECTION = 100

const exportHandler =
  (services: TransportServices, signal: Signal) =>
  (call: Call, callback: Callback): void => {
    const place = { transport: 'grpc', signal } as const
    const lease = services.lease()
    const answer = async (): Promise<Buffer> => {
      lease.take(call.request.length)
      const request = { signal, encoding: 'protobuf', body: call.request, lease } as const
      const receipt = await services.intake(request)
      return Buffer.from(receiptBody(signal, receipt, 'protobuf'))
    }
    answer()
      .then(
        (body) => {
          recordSuccess(services, place)
          callback(null, body)
        },
        (error: unknown) => {
          const failure = recordFailure(services, place, error)
          const metadata = new Metadata()
          metadata.set('grpc-status-details-bin', Buffer.from(statusBytes(failure)))
          callback({ code: failure.grpcCode, details: failure.message, metadata })
        },
      )
      .finally(lease.release)
      .catch(services.fail)
  }

const refuseMetrics = (_call: Call, callback: Callback): void =>
  callback({
    code: GRPC.unimplemented,
    details: 'NeoSigma takes traces and logs, no metrics; set OTEL_METRICS_EXPORTER=none',
  })

/** OTLP over gRPC. The socket server is Node's own, so that a port in use is told by code and in our words. */
export const openGrpcServer = async (
  services: TransportServices,
  options: ListenOptions,
): Promise<Transport> => {
  const grpc = new Server({
    'grpc.max_receive_message_length': services.maxBodyBytes,
    'grpc.max_concurrent_streams': STREAMS_PER_CONNECTION,
  })
  grpc.addService(SERVICES.traces, { Export: exportHandler(services, 'traces') })
  grpc.addService(SERVICES.logs, { Export: exportHandler(services, 'logs') })
  grpc.addService(exportService('metrics.v1.MetricsService'), { Export: refuseMetrics })
  const connections = grpc.createConnectionInjector(ServerCredentials.createInsecure())
  const sockets = createServer((socket) => {
    socket.setNoDelay(true)
    connections.injectConnection(socket)
  })
  const port = await listen(sockets, options)
  sockets.on('error', services.fail)
  return {
    port,
    stop: async (graceMs) => {
      // Not `tryShutdown`: it takes a connection that has begun to close for closed, and calls in flight are cancelled.
      const closed = new Promise<void>((resolve) => sockets.close(() => resolve()))
      connections.drain(graceMs)
      await closed
      grpc.forceShutdown()
    },
  }
}
