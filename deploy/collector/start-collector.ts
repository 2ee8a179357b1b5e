import { fileURLToPath } from 'node:url'
import { startProcess } from '../local/local-process.ts'

/** A configuration of this folder by its name. */
export type CollectorConfiguration = 'gateway' | 'storage' | 'return-path'

export interface StartedCollector {
  /** Ends it in order: what it holds goes out. */
  stop(): Promise<void>
  /** Ends it at once (SIGKILL). */
  kill(): Promise<void>
  /** Resolves when it has ended, with its last lines. */
  readonly ended: Promise<string>
}

export interface CollectorStart {
  readonly binary: string
  /** Files; later ones are laid over earlier ones. */
  readonly configurations: readonly string[]
  /** What the configurations ask of the environment. */
  readonly variables: Readonly<Record<string, string>>
  /** Out of reach of the terminal's Ctrl-C. */
  readonly detached?: boolean
}

const READY = 'Everything is ready'

export const configurationFile = (name: CollectorConfiguration): string =>
  fileURLToPath(new URL(`${name}.yaml`, import.meta.url))

/**
 * Runs a Collector as a child and waits until its pipelines are up.
 * @throws ConfigError `tool-missing` with its last lines where it refuses its configuration
 */
export const startCollector = async ({
  binary,
  configurations,
  variables,
  detached = false,
}: CollectorStart): Promise<StartedCollector> => {
  const collector = await startProcess({
    command: binary,
    args: configurations.map((configuration) => `--config=${configuration}`),
    variables,
    ready: { line: READY },
    detached,
  })
  return {
    stop: () => collector.end('SIGTERM'),
    kill: () => collector.end('SIGKILL'),
    ended: collector.ended,
  }
}
