import { followTopic } from '../../pipeline/event-log/follow-topic.ts'
import { runConsumer } from '../../pipeline/event-log/run-consumer.ts'
import { isoOf } from '../../pipeline/service-runtime/clock.ts'
import { loopRole } from '../../pipeline/service-runtime/loop-role.ts'
import type { Role, RoleContext } from '../../pipeline/service-runtime/role.ts'
import { digestOf } from '../../schemas/canonical-json.ts'
import { encodeEvent } from '../../schemas/cloud-event.ts'
import type { CycleEvent } from '../../schemas/cycle-event.ts'
import type { DeploymentDecision } from '../../schemas/decision.ts'
import { TransientError } from '../../schemas/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { judgeCanary } from './judge-canary.ts'
import { judgePromoted } from './judge-promoted.ts'
import { readCanaryRuns, readPromotedRuns } from './read-runs.ts'
import type { ReleaseJudgement } from './release-judgement.ts'
import { judgementKey, type ReleaseWatch, watchAfter } from './release-watch.ts'

const POLL_MS = 1000
/** A run is on the topic before it is in the store: so long after news the store is looked at again. */
const SETTLE_MS = 30_000
const HOUR_MS = 3_600_000

interface MonitorState {
  readonly watches: Map<string, ReleaseWatch>
  readonly judged: Set<string>
  newsAtMs: number
}

/**
 * Watches the releases of all agents. The topics say when to look (runs), at what (decisions) and what has been said
 * (cycle events); the scores come from the store, so that revised runs count once with their last score and a restart
 * or a second instance sees the same. It decides nothing: `release-judged` is for the controller.
 */
export const startMonitor = async (context: RoleContext): Promise<Role> => {
  const { clock, logger } = context
  const state: MonitorState = { watches: new Map(), judged: new Set(), newsAtMs: clock.nowMs() }
  let ready = false
  const run = async (outer: AbortSignal): Promise<void> => {
    const failing = new AbortController()
    const signal = AbortSignal.any([outer, failing.signal])
    const views = followReleases(context, state, signal)
    const loops = [
      ...views.map(({ ended }) => ended),
      listenForRuns(context, state, signal),
      Promise.all(views.map(({ caughtUp }) => caughtUp)).then(() => {
        ready = true
        return judgeUntilStopped(context, state, signal)
      }),
    ]
    // One loop that ends with an error ends the others, so that `stop` leaves nothing running.
    for (const loop of loops) loop.catch(() => failing.abort())
    await Promise.allSettled(loops)
    await Promise.all(loops)
  }
  const notReady = (): readonly string[] => (ready ? [] : ['monitor: reading past decisions'])
  return loopRole({ name: 'monitor', logger, run, notReady })
}

const followReleases = (context: RoleContext, state: MonitorState, signal: AbortSignal) => {
  const { clock } = context
  const onDecision = (decision: DeploymentDecision): void => {
    const watch = watchAfter(state.watches.get(decision.agent) ?? null, decision)
    if (watch === null) state.watches.delete(decision.agent)
    else state.watches.set(decision.agent, watch)
    state.newsAtMs = clock.nowMs()
  }
  const onCycleEvent = (event: CycleEvent): void => {
    if (event.type === 'release-judged')
      state.judged.add(judgementKey(event.cycleId, event.digest, event.weight))
  }
  const common = { consumer: 'monitor', signal }
  return [
    followTopic(context, { ...common, topic: TOPICS.decisions, onEvent: onDecision }),
    followTopic(context, { ...common, topic: TOPICS.cycleEvents, onEvent: onCycleEvent }),
  ]
}

const listenForRuns = (
  context: RoleContext,
  state: MonitorState,
  signal: AbortSignal,
): Promise<void> =>
  runConsumer(
    context,
    { group: 'neosigma-monitor', topics: [TOPICS.runs.name], from: 'latest', signal },
    async (batch) => {
      state.newsAtMs = context.clock.nowMs()
      await batch.commit()
    },
  )

const judgeUntilStopped = async (
  context: RoleContext,
  state: MonitorState,
  signal: AbortSignal,
): Promise<void> => {
  const { clock, logger } = context
  while (!signal.aborted) {
    const startMs = clock.nowMs()
    if (startMs - state.newsAtMs < SETTLE_MS)
      for (const watch of [...state.watches.values()])
        await judgeRelease(context, state, watch).catch((error: unknown) => {
          if (!(error instanceof TransientError)) throw error
          state.newsAtMs = clock.nowMs()
          logger.warn({ agent: watch.agent, err: error }, 'the release is judged later')
        })
    // At most a tenth of the time goes into judging, however many runs there are.
    await clock.sleep(Math.max(POLL_MS, 9 * (clock.nowMs() - startMs)), signal)
  }
}

const judgeRelease = async (
  context: RoleContext,
  state: MonitorState,
  watch: ReleaseWatch,
): Promise<void> => {
  const { clock, configuration, logger, metrics } = context
  const key = judgementKey(watch.cycleId, watch.version, watch.weight)
  const policy = configuration.agents[watch.agent]?.policy
  if (policy === undefined || state.judged.has(key)) return
  const endMs = watch.stepSinceMs + policy.release.monitoringHours * HOUR_MS
  if (watch.phase === 'monitoring' && clock.nowMs() >= endMs) return
  const judgement =
    watch.phase === 'canary'
      ? judgeCanary(watch, await readCanaryRuns(context.store, watch), policy.release)
      : judgePromoted(watch, await readPromotedRuns(context.store, watch), policy.release)
  if (judgement === null) return
  await publishJudgement(context, watch, judgement)
  state.judged.add(key)
  const { agent, cycleId } = watch
  const { verdict, reason } = judgement
  metrics.count('neosigma.release.judgements', 1, { agent, verdict })
  logger.info({ agent, cycleId, verdict, reason }, 'release judged')
}

/** The id follows from what is judged, so that the same judgement made twice is one event. */
const publishJudgement = async (
  { clock, log }: RoleContext,
  { agent, cycleId, version, weight }: ReleaseWatch,
  judgement: ReleaseJudgement,
): Promise<void> => {
  const time = isoOf(clock.nowMs())
  const event = {
    type: 'release-judged',
    cycleId,
    agent,
    at: time,
    digest: version,
    weight,
    ...judgement,
  }
  await log.append([
    encodeEvent(TOPICS.cycleEvents, event, {
      id: digestOf(judgementKey(cycleId, version, weight)),
      source: '/neosigma/monitor',
      time,
      key: agent,
    }),
  ])
}
