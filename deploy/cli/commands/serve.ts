import { Argument, type Command } from 'commander'
import { ROLES, type RoleName } from '../../embedded/roles.ts'
import { serveRoles } from '../../embedded/serve-roles.ts'
import type { System } from '../../embedded/start-system.ts'
import { type CommonOptions, load, newCommand } from '../cli.ts'
import { runUntilStopped } from '../run-until-stopped.ts'
import { withLogger } from '../with-logger.ts'

export const serveCommand = (): Command =>
  newCommand('serve', 'Run some roles in this process, the others elsewhere', [
    'KAFKA_BROKERS=kafka:9092 neosigma serve receiver',
    'KAFKA_BROKERS=kafka:9092 CLICKHOUSE_URL=http://clickhouse:8123 neosigma serve writer runs',
  ])
    .addArgument(new Argument('<role...>', 'what to run').choices(ROLES))
    .action(async (roles: readonly RoleName[], options: CommonOptions) => {
      const { configuration, secrets, isRunByNpm: endsWithParent } = load(options)
      await withLogger(configuration, roles, (logger) =>
        runUntilStopped({ logger, endsWithParent }, async (signal) => {
          const system = await serveRoles({ configuration, secrets, logger, roles, signal })
          process.stdout.write(banner(roles, system))
          return system
        }),
      )
    })

const banner = (roles: readonly RoleName[], system: System): string => {
  const { healthUrl, apiUrl, grpcPort, httpPort } = system
  return [
    `NeoSigma runs ${roles.join(', ')}.`,
    `  Health ${healthUrl}  (/readyz, /healthz, /metrics)`,
    ...(apiUrl === null ? [] : [`  API    ${apiUrl}`]),
    ...(grpcPort === null ? [] : [`  OTLP   gRPC port ${grpcPort}, HTTP port ${httpPort}`]),
    '',
  ].join('\n')
}
