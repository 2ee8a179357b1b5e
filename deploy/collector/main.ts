import { parseArgs } from 'node:util'
import { givenCollector } from '../../pipeline/service-runtime/load-config.ts'
import { ConfigError } from '../../schemas/errors.ts'
import { runMain } from '../local/run-main.ts'
import { COLLECTOR_MISSING, collectorBinary } from './build-collector.ts'

/** Builds the Collector where it is not in the cache, and prints where it is. */
export const start = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: { 'cache-dir': { type: 'string' } } })
  const cacheDir = values['cache-dir']
  const binary = await collectorBinary({
    given: givenCollector(),
    ...(cacheDir === undefined ? {} : { cacheDir }),
    onBuild: (folder) =>
      process.stderr.write(`Building the Collector into ${folder}; this takes minutes.\n`),
  })
  if (binary === null) throw new ConfigError('tool-missing', `${COLLECTOR_MISSING}.`)
  process.stdout.write(`${binary}\n`)
  return 0
}

if (import.meta.main) await runMain(() => start(process.argv.slice(2)))
