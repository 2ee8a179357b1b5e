import { Command } from 'commander'
import { calibrateCommand } from './commands/calibrate.ts'
import { clustersCommand } from './commands/clusters.ts'
import { compareCommand } from './commands/compare.ts'
import { cyclesCommand } from './commands/cycles.ts'
import { decisionsCommand } from './commands/decisions.ts'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { importCommand } from './commands/import.ts'
import { rebuildCommand } from './commands/rebuild.ts'
import { approveCommand, rejectCommand, rollbackCommand } from './commands/review.ts'
import { runCommand } from './commands/run.ts'
import { runsCommand } from './commands/runs.ts'
import { serveCommand } from './commands/serve.ts'
import { sqlCommand } from './commands/sql.ts'
import { startCommand } from './commands/start.ts'
import { topicsCommand } from './commands/topics.ts'
import { EXIT_CODES_HELP } from './exit-codes.ts'

const GROUPS: Readonly<Record<string, readonly (() => Command)[]>> = {
  'Running it:': [
    startCommand,
    serveCommand,
    demoCommand,
    topicsCommand,
    doctorCommand,
    rebuildCommand,
  ],
  'Bringing data in:': [importCommand],
  'Looking at it:': [
    runsCommand,
    runCommand,
    clustersCommand,
    cyclesCommand,
    decisionsCommand,
    sqlCommand,
  ],
  'Measuring:': [compareCommand, calibrateCommand],
  'Deciding:': [approveCommand, rejectCommand, rollbackCommand],
}

/** The command line. Errors of arguments are thrown, after commander has told them. */
export const neosigma = (): Command => {
  const program = new Command('neosigma')
    .description(
      'The improvement loop for LLM agents: from failures in production to tested releases',
    )
    .addHelpText('after', EXIT_CODES_HELP)
    .showHelpAfterError('(--help says more)')
    .exitOverride()
  for (const [heading, makers] of Object.entries(GROUPS))
    for (const make of makers)
      program.addCommand(
        make()
          .helpGroup(heading)
          .addHelpText('after', EXIT_CODES_HELP)
          .showHelpAfterError('(--help says more)')
          .exitOverride(),
      )
  return program
}
