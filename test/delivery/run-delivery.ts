import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { NeoSigmaError } from '../../schemas/errors.ts'
import { seededRandom } from '../../schemas/seeded-random.ts'
import { agentNames } from './agents.ts'
import { type Death, deathOf, openDeaths } from './deaths.ts'
import type { DeliveryEngine, Fault } from './engine.ts'
import { type Faults, openFaults } from './faults.ts'
import { type Figure, isEqual, readFigures, type Sources } from './figures.ts'
import { drawKill, type Kill, type KilledRole } from './kill-points.ts'
import { openLedger } from './ledger.ts'
import { openEngine } from './open-engine.ts'
import { type People, playPeople } from './people.ts'
import { type Producers, startProducers } from './producers.ts'
import type { Fallen } from './victim.ts'

export type EngineName = 'embedded' | 'kafka'

export interface DeliveryOptions {
  readonly engine: EngineName
  readonly seed: string
  readonly kills: number
  /** Of everything that the test keeps; one that is not empty is gone on with. */
  readonly folder: string
  readonly budgetMs: number
  /** False leaves out what is no death of a role: full disks, engines that are away. */
  readonly withFaults: boolean
  readonly say: (text: string) => void
}

export interface Delivery extends Pick<DeliveryOptions, 'engine' | 'seed' | 'kills'> {
  readonly deaths: readonly Death[]
  /** Names of the faults, with what there is to say of each. */
  readonly faults: readonly string[]
  /** null where the time was over before the last kill: the same folder goes on. */
  readonly figures: readonly Figure[] | null
  readonly seconds: number
}

const SENDERS = 4
const PAUSE_MS = 250
const SETTLE_MS = 300_000
const ASK_EVERY_MS = 3000

/** Load, deaths and faults, then silence; and the count of what was sent, stored and counted. */
export const runDelivery = async (options: DeliveryOptions): Promise<Delivery> => {
  const startedMs = performance.now()
  const { folder, engine: engineName, seed, kills, say } = options
  mkdirSync(folder, { recursive: true })
  const stream = readStream(folder, seed)
  const deaths = openDeaths(folder)
  const ledger = openLedger(folder, SENDERS)
  const agents = agentNames(Math.max(2, Math.ceil(kills / 10)))
  const opened = await openEngine(engineName, { folder, agents, withDisk: options.withFaults, say })
  const engine = options.withFaults ? opened : { ...opened, faults: [] }
  const people = await playPeople(engine.log, engine.doors.api, agents)
  const producers = startProducers({
    doors: engine.doors,
    stream,
    ledger,
    senders: SENDERS,
    pauseMs: PAUSE_MS,
  })
  const faults = openFaults(folder)
  const isOver = (): boolean => performance.now() - startedMs > options.budgetMs
  const work: Work = { options, engine, people, deaths, faults, isOver }
  try {
    await (engine.apart === null ? killWhole(work) : killApart(work, engine.apart))
    const isDone = deaths.all.length >= kills
    const sources = { api: engine.doors.api, log: engine.log, ledger, stream }
    const figures = isDone ? await settle(work, producers, sources) : null
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    return {
      engine: engineName,
      seed,
      kills,
      deaths: deaths.all,
      faults: faults.all,
      figures,
      seconds,
    }
  } finally {
    await producers.abandon()
    ledger.close()
    await people.stop()
    await engine.close(deaths.all.length < kills)
  }
}

interface Work {
  readonly options: DeliveryOptions
  readonly engine: DeliveryEngine
  readonly people: People
  readonly deaths: ReturnType<typeof openDeaths>
  readonly faults: Faults
  readonly isOver: () => boolean
}

/** Another start of the same test has the same runs. */
const readStream = (folder: string, seed: string) => {
  const file = join(folder, 'stream.json')
  if (!existsSync(file)) writeFileSync(file, JSON.stringify({ seed, startMs: Date.now() }))
  return JSON.parse(readFileSync(file, 'utf8')) as { seed: string; startMs: number }
}

const killWhole = async (work: Work): Promise<void> => {
  const { options, deaths, engine } = work
  for (let number = 1; number <= options.kills && !work.isOver(); number++) {
    if (deaths.isDone(number)) continue
    await killOnce(work, number, null)
    for (const fault of faultsAfter(number, options.kills, engine.faults)) await befall(work, fault)
  }
}

/** Every role dies its own deaths, all at the same time; the faults come beside. */
const killApart = async (work: Work, roles: readonly KilledRole[]): Promise<void> => {
  const { options, deaths, engine } = work
  const told = new Set(
    engine.faults.filter(({ name }) => work.faults.all.some((said) => said.startsWith(name))),
  )
  const meanwhile = async (): Promise<void> => {
    while (told.size < engine.faults.length && !work.isOver()) {
      const due = engine.faults.find(
        (fault, place) =>
          !told.has(fault) && deaths.all.length >= share(place, engine.faults, options.kills),
      )
      if (due !== undefined) {
        told.add(due)
        await befall(work, due)
      }
      await pause(200)
    }
  }
  await Promise.all([
    meanwhile(),
    ...roles.map(async (role, place) => {
      for (
        let number = place + 1;
        number <= options.kills && !work.isOver();
        number += roles.length
      )
        if (!deaths.isDone(number)) await killOnce(work, number, role)
      await engine.keep(role)
    }),
  ])
}

const killOnce = async (work: Work, number: number, role: KilledRole | null): Promise<void> => {
  const { options, engine, people, deaths } = work
  const kill = drawKill(number, seededRandom(`${options.seed}:${number}`), role)
  if (kill.point.role === 'controller' || number % 3 === 0) await people.occupy().catch(ignoreAway)
  const fallen = await engine.live(kill)
  if (fallen.how === 'itself') return endedByItself(work, kill, fallen)
  const waiting = fallen.how === 'moment' && (await isWaiting(engine))
  const death = deathOf(kill, fallen, { role: role ?? 'all', waiting })
  deaths.add(death)
  options.say(`${number}/${options.kills} ${death.role}: ${death.place}`)
}

/** As its supervisor would, we start it again; it is no kill. */
const endedByItself = async (work: Work, { number, point }: Kill, { words }: Fallen) => {
  const said = `${point.role} ended by itself: ${words.trim()}`
  work.faults.add(said)
  work.options.say(said)
  await pause(1000)
  if (!work.isOver()) await killOnce(work, number, work.engine.apart === null ? null : point.role)
}

const ignoreAway = (error: unknown): void => {
  if (!(error instanceof NeoSigmaError)) throw error
}

const GROUPS = ['neosigma-writer', 'neosigma-runs', 'neosigma-miner']

const isWaiting = async ({ log }: DeliveryEngine): Promise<boolean> => {
  const lags = await Promise.all(GROUPS.map((group) => log.lag(group).catch(() => [])))
  return lags.flat().some(({ committed, end }) => end > (committed ?? 0n))
}

/** The faults are spread evenly over the kills. */
const share = (place: number, faults: readonly Fault[], kills: number): number =>
  Math.ceil(((place + 1) * kills) / (faults.length + 1))

const faultsAfter = (number: number, kills: number, faults: readonly Fault[]): readonly Fault[] =>
  faults.filter((_, place) => share(place, faults, kills) === number)

const befall = async ({ options, faults }: Work, fault: Fault): Promise<void> => {
  options.say(`fault: ${fault.name}`)
  const said = `${fault.name}: ${await fault.befall()}`
  faults.add(said)
  options.say(`fault over: ${said}`)
}

const settle = async (
  { engine, options, people }: Work,
  producers: Producers,
  sources: Sources,
): Promise<readonly Figure[]> => {
  options.say('everything runs; counting')
  await engine.settle()
  await producers.stop()
  const untilMs = performance.now() + SETTLE_MS
  for (;;) {
    const figures = await readFigures(sources)
    const isQuiet = figures.every(isEqual) && (await people.open()).length === 0
    if (!isQuiet && performance.now() < untilMs) {
      await pause(ASK_EVERY_MS)
      continue
    }
    options.say(isQuiet ? 'all equal' : 'something differs')
    return figures
  }
}
