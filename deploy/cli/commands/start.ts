import type { Command } from 'commander'
import { urlOf } from '../../embedded/api-file.ts'
import { ROLES } from '../../embedded/roles.ts'
import { type EmbeddedSystem, startEmbedded } from '../../embedded/start-embedded.ts'
import { type CommonOptions, load, newCommand } from '../cli.ts'
import { runUntilStopped } from '../run-until-stopped.ts'
import { withLogger } from '../with-logger.ts'

export const startCommand = (): Command =>
  newCommand('start', 'Start the whole system in this process', [
    'neosigma start',
    'NEOSIGMA_DATA_DIR=/var/lib/neosigma neosigma start --config neosigma.config.jsonc',
  ]).action(async (options: CommonOptions) => {
    const { configuration, secrets, isRunByNpm: endsWithParent } = load(options)
    await withLogger(configuration, ROLES, (logger) =>
      runUntilStopped({ logger, endsWithParent }, async (signal) => {
        const system = await startEmbedded({ configuration, secrets, logger, signal })
        process.stdout.write(banner(system))
        return system
      }),
    )
  })

const banner = ({ url, grpcPort, httpPort, context }: EmbeddedSystem): string => {
  const { receiver, dataDir, agents, model } = context.configuration
  const grpc = urlOf(receiver.host, grpcPort ?? receiver.grpcPort)
  const http = urlOf(receiver.host, httpPort ?? receiver.httpPort)
  const names = Object.keys(agents)
  return `NeoSigma is running.

  OTLP   gRPC ${grpc}, HTTP ${http}
  API    ${url}  (/readyz, /healthz, /metrics)
  Data   ${dataDir}
  Model  ${context.model === null ? 'none: diagnosis takes the deterministic path (OPENAI_BASE_URL, OPENAI_API_KEY)' : model.name}
  Agents under improvement: ${names.length === 0 ? 'none (agents in neosigma.config.jsonc)' : names.join(', ')}

Point an agent at it, in any language:
  OTEL_EXPORTER_OTLP_ENDPOINT=${http} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
or, for Node.js with the openai package, without a change of its code:
  OTEL_EXPORTER_OTLP_ENDPOINT=${grpc} node --import @neosigma/instrumentation/register agent.js

Then: neosigma runs, neosigma clusters, neosigma doctor. Ctrl-C stops.
`
}
