import { Command } from 'commander'
import { runsCommand } from './commands/runs.ts'
import { sqlCommand } from './commands/sql.ts'
import { startCommand } from './commands/start.ts'
import { EXIT_CODES_HELP } from './exit-codes.ts'

export const neosigma = (): Command => {
  const program = new Command('neosigma')
    .description(
      'The improvement loop for LLM agents: from failures in production to tested releases',
    )
    .addHelpText('after', EXIT_CODES_HELP)
    .showHelpAfterError('(--help says more)')
  const commands = [startCommand(), runsCommand(), sqlCommand()]
  for (const command of commands) program.addCommand(command)
  for (const command of [program, ...commands]) command.exitOverride()
  return program
}
