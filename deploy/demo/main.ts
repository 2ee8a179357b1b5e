import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { loadConfiguration } from '../../pipeline/service-runtime/load-config.ts'
import { sha256 } from '../../schemas/canonical-json.ts'
import { ConfigError } from '../../schemas/errors.ts'
import { loadWorld } from '../simulated-model/load-world.ts'
import { demoReport, missingFrom } from './demo-report.ts'
import { type Narrator, narrator as openNarrator } from './narrator.ts'
import { openStage, type StageOptions } from './stage.ts'
import { tellStory } from './story.ts'
import { openTraffic } from './traffic.ts'
import { withAgent } from './world-agent.ts'

export interface DemoOptions {
  readonly seed: number
  /** A world file; null takes the support desk. */
  readonly world: string | null
  /** One JSON document on standard output, progress on standard error. */
  readonly json: boolean
  /** The endpoint of OPENAI_BASE_URL and OPENAI_API_KEY instead of the simulated model. */
  readonly realModel: boolean
  /** On Kafka and ClickHouse, started here, with a process for each role. */
  readonly local: boolean
}

const STANDARD_WORLD = fileURLToPath(new URL('worlds/support-desk.json', import.meta.url))

/**
 * The whole loop on this machine, told as it happens. Answers the exit status: 0 only if all of it happened.
 * @throws ConfigError `config-secret-missing` where a real model is wanted and no key is set
 */
export const start = async (options: DemoOptions): Promise<number> => {
  const narrator = openNarrator(systemClock, options.json ? process.stderr : process.stdout)
  const folder = mkdtempSync(join(tmpdir(), 'neosigma-demo-'))
  const stageOptions = prepare(options, folder)
  tellBanner(narrator, stageOptions)
  endWithSignals(folder)
  const stage = await openStage(stageOptions)
  try {
    narrator.say('system', `API ${stage.api.url}, OTLP ${stage.otlpUrl}, data in ${folder}`)
    const { world, seed, clock } = stageOptions
    const traffic = openTraffic({ world, agentUrl: stage.agentUrl, seed: String(seed), clock })
    const view = await tellStory({ stage, traffic, world, narrator, clock })
    const facts = { simulatedModel: !options.realModel, seed, view, decisions: stage.decisions }
    if (options.json) process.stdout.write(`${JSON.stringify(demoReport(facts), null, 2)}\n`)
    const missing = missingFrom(facts)
    for (const what of missing) narrator.say('MISSING', what)
    if (missing.length === 0) narrator.say('done', 'all of it happened')
    return missing.length === 0 ? 0 : 1
  } finally {
    await stage.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** On engines that others use too, the agent has a name of its own in each demonstration. */
const prepare = (
  { seed, world: file, realModel, local }: DemoOptions,
  folder: string,
): StageOptions => {
  const { configuration, secrets } = loadConfiguration()
  if (realModel && secrets.openAiApiKey === null)
    throw new ConfigError('config-secret-missing', 'OPENAI_API_KEY is needed for --real-model.')
  const worldFile = file ?? STANDARD_WORLD
  const world = loadWorld(worldFile)
  const isAlone = local || configuration.eventLog.driver === 'sqlite'
  const suffix = sha256(`${folder}/${systemClock.nowMs()}`).slice(0, 8)
  return {
    folder,
    worldFile,
    seed,
    realModel,
    local,
    clock: systemClock,
    world: withAgent(world, {
      agent: isAlone ? world.agent.name : `${world.agent.name}-${suffix}`,
      model: realModel ? configuration.model.name : undefined,
    }),
  }
}

/** The processes of the stage are killed as this one exits. */
const endWithSignals = (folder: string): void => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(130))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
}

const tellBanner = (narrator: Narrator, { world, seed, realModel, local }: StageOptions): void => {
  narrator.say(
    'model',
    realModel
      ? 'a real model answers (OPENAI_BASE_URL)'
      : 'SIMULATED: no real model answers here, a world file says what it does',
  )
  if (local) narrator.say('engines', 'Kafka, ClickHouse and a process for each role are started')
  narrator.say('world', `${world.description} Agent ${world.agent.name}, seed ${seed}.`)
}
