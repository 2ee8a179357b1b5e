import type { Clock } from '../../pipeline/service-runtime/clock.ts'
import type { World } from '../simulated-model/world.ts'
import { driftsOf, toolDriftsOf } from '../simulated-model/world.ts'
import type { Narrator } from './narrator.ts'
import { readSystem, type SystemView } from './read-system.ts'
import type { Stage } from './stage.ts'
import { newsTeller, tellRanking } from './tell-news.ts'
import type { Traffic } from './traffic.ts'

export interface StoryServices {
  readonly stage: Stage
  readonly traffic: Traffic
  readonly world: World
  readonly narrator: Narrator
  readonly clock: Clock
}

const PAST_CONVERSATIONS = 320
const PAST_HOURS = 72
const LIVE_PER_SECOND = 30
const HEALTHY_MS = 3000
const POLL_MS = 500
/**
 * What a step may take at most; the story then goes on to its end, which says what is missing. Several times what two
 * cores need, for a step ends as soon as it is done: a machine that is busy with other work should be slow here, not wrong.
 */
const PATIENCE_MS = { assembled: 90_000, decided: 180_000, promoted: 180_000, taken_back: 120_000 }

/**
 * What happens around NeoSigma: users come, and in the end the provider changes the model. What NeoSigma makes of it is
 * its own affair; nothing here is passed to it. Answers the last view.
 */
export const tellStory = async (services: StoryServices): Promise<SystemView> => {
  const { stage, traffic, narrator, world } = services
  const agent = world.agent.name
  const watch = watcher(services)
  await traffic.past(PAST_CONVERSATIONS, PAST_HOURS)
  narrator.say('traffic', `${traffic.sent()} conversations of the last ${PAST_HOURS} h`)
  const assembled = await watch.until(
    PATIENCE_MS.assembled,
    (view) => view.runs >= traffic.sent() && view.clusters.length > 0,
  )
  narrator.say(
    'runs',
    `${assembled.spans} spans → ${assembled.runs} runs → ${assembled.failures} failures`,
  )
  tellRanking(narrator, assembled)
  await watch.until(PATIENCE_MS.decided, () => has(stage, 'canary'))
  if (!has(stage, 'canary')) return readSystem(stage.api, agent)

  const users = new AbortController()
  const live = traffic.live(LIVE_PER_SECOND, users.signal)
  narrator.say('traffic', `live, ${LIVE_PER_SECOND} conversations a second`)
  await watch.until(PATIENCE_MS.promoted, () => has(stage, 'promote') || has(stage, 'rollback'))
  if (has(stage, 'promote')) {
    await services.clock.sleep(HEALTHY_MS)
    await switchDrifts(services)
    await watch.until(
      PATIENCE_MS.taken_back,
      (view) =>
        has(stage, 'rollback') && view.cycles.some(({ outcome }) => outcome === 'RolledBack'),
    )
  }
  users.abort()
  await live
  return readSystem(stage.api, agent)
}

const has = ({ decisions }: Stage, kind: string): boolean =>
  decisions.some(({ decision }) => decision === kind)

const watcher = ({ stage, narrator, clock, world }: StoryServices) => {
  const tell = newsTeller(narrator)
  let broken: Error | null = null
  void stage.broken.then((error) => {
    broken = error
  })
  return {
    /** Looks again and again, telling what is new, until `done` or the time is over. */
    until: async (patienceMs: number, done: (view: SystemView) => boolean): Promise<SystemView> => {
      const endMs = clock.nowMs() + patienceMs
      for (;;) {
        if (broken !== null) throw broken
        const view = await readSystem(stage.api, world.agent.name)
        tell(view, stage.decisions)
        if (done(view) || clock.nowMs() >= endMs) return view
        await clock.sleep(POLL_MS)
      }
    },
  }
}

/**
 * The forced regression: the provider changes the model behind everybody's back. A real model cannot be changed from
 * here, so that the agent's tools change instead.
 */
const switchDrifts = async ({ stage, world, narrator }: StoryServices): Promise<void> => {
  const { modelUrl, agentUrl } = stage
  const drifts =
    modelUrl === null
      ? toolDriftsOf(world).map((name) => [name, `${agentUrl}/drifts/${name}`, 'a tool'] as const)
      : driftsOf(world).map(
          (name) =>
            [name, String(new URL(`/simulation/drifts/${name}`, modelUrl)), 'the model'] as const,
        )
  for (const [name, url, what] of drifts) {
    await (await fetch(url, { method: 'POST' })).arrayBuffer()
    narrator.say('drift', `${what} changes: ${name}`)
  }
  if (drifts.length === 0) narrator.say('drift', 'this world knows none: no regression is forced')
}
