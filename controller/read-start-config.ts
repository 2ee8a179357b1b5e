import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type AgentConfig, agentConfig } from '../schemas/agent-config.ts'
import { ConfigError } from '../schemas/errors.ts'

/**
 * The configuration that an agent ran before the first decision: a JSON file, or all defaults where none is named.
 * @throws ConfigError `config-unreadable`, `config-invalid` with all problems
 */
export const readStartConfig = (file: string | undefined): AgentConfig => {
  if (file === undefined) return agentConfig.parse({})
  const result = agentConfig.safeParse(readJson(file))
  if (result.success) return result.data
  throw new ConfigError('config-invalid', `${file}:\n${z.prettifyError(result.error)}\n`)
}

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new ConfigError('config-unreadable', `${file}: ${String(cause)}.`, { cause })
  }
}
