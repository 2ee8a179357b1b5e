import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError } from '../../schemas/errors.ts'
import type { AgentRunner } from './agent-runner.ts'

/**
 * The agent of a `run` setting: `module:PATH`, `http(s)://HOST…` or `command:LINE`.
 * @throws ConfigError `config-invalid` for another form or a module that is not there.
 */
export const openAgentRunner = async (run: string): Promise<AgentRunner> => {
  const [scheme = '', rest = ''] = run.split(/:(.*)/s)
  switch (scheme) {
    case 'http':
    case 'https':
      if (!URL.canParse(run)) throw new ConfigError('config-invalid', `run: ${run} is not a URL.`)
      return (await import('./http-agent-runner.ts')).httpAgentRunner(run)
    case 'command':
      if (rest.trim() === '') throw new ConfigError('config-invalid', 'run: the command is empty.')
      return (await import('./command-agent-runner.ts')).commandAgentRunner(rest)
    case 'module': {
      const path = resolve(rest)
      if (!existsSync(path)) throw new ConfigError('config-invalid', `run: there is no ${path}.`)
      return (await import('./module-agent-runner.ts')).moduleAgentRunner(path)
    }
    default:
      throw new ConfigError(
        'config-invalid',
        `run: ${run} is none of module:PATH, http(s)://HOST, command:LINE.`,
      )
  }
}
