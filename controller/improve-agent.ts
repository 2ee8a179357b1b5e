import type { CycleEvent } from '../schemas/cycle-event.ts'
import { ConfigError, InvariantError, TransientError } from '../schemas/errors.ts'
import { factsOf, type ImprovedAgent } from './controller-session.ts'
import { conclude } from './cycle/conclude.ts'
import { decideAgent } from './cycle/decide-agent.ts'
import type { Next, Work } from './cycle/facts.ts'
import { doWork } from './do-work.ts'
import { whyNotImproved } from './why-not-improved.ts'

const LONGEST_WAIT_MS = 1000
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 15_000

/**
 * The loop of one agent: ask what comes next, write it down, act, until the ownership ends. What passes is tried again
 * with growing pauses; whatever was done before is on the log and not done again.
 */
export const improveAgent = async (agent: ImprovedAgent): Promise<void> => {
  const { context, signal } = agent.session
  let pauseMs = FIRST_PAUSE_MS
  while (!signal.aborted) {
    try {
      await takeStep(agent)
      pauseMs = FIRST_PAUSE_MS
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof TransientError)) throw error
      context.logger.warn({ agent: agent.name, err: error, pauseMs }, 'the controller tries again')
      await context.clock.sleep(pauseMs, signal)
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    }
  }
}

const takeStep = async (agent: ImprovedAgent): Promise<void> => {
  const { view, outbox } = agent.session
  // What was decided before a crash and not published goes first.
  await outbox.publish(view.agent(agent.name).decisions)
  const next = decideAgent(view.agent(agent.name), factsOf(agent))
  switch (next.type) {
    case 'append':
      return next.events[0]?.type === 'cycle-started'
        ? beginCycle(agent, next)
        : write(agent, next.events)
    case 'work':
      return work(agent, next.work)
    case 'wait':
      return waitForNews(agent, next.untilMs)
  }
}

/** Files are read when a cycle begins. An agent that cannot be improved is left alone, and says so once. */
const beginCycle = async (agent: ImprovedAgent, planned: Next): Promise<void> => {
  if ((await whyNotImproved(agent)) !== null) return waitForNews(agent, null)
  // The configuration may be another one now: decided anew.
  const next = decideAgent(agent.session.view.agent(agent.name), factsOf(agent))
  if (next.type === 'append' && planned.type === 'append') await write(agent, next.events)
}

const write = async (
  { session, name }: ImprovedAgent,
  events: readonly CycleEvent[],
): Promise<void> => {
  const before = session.view.agent(name)
  await session.view.append(events)
  // An event that the fold passes over would be made again without end.
  if (session.view.agent(name) === before)
    throw new InvariantError('invariant-broken', `${name}: ${events[0]?.type} changes nothing.`)
  for (const event of events) tell(session.context, event)
}

const tell = (
  { logger, metrics }: ImprovedAgent['session']['context'],
  event: CycleEvent,
): void => {
  const { agent, cycleId, type } = event
  metrics.count('neosigma.controller.events', 1, { agent, type })
  if (event.type === 'cycle-finished') {
    const { outcome, reason } = event
    metrics.count('neosigma.controller.cycles', 1, { agent, outcome })
    logger.info({ agent, cycleId, outcome, reason }, 'cycle finished')
  } else logger.info({ agent, cycleId, type }, 'cycle goes on')
}

/** Does the work, and drops it as soon as the history asks for something else: a roll-back by a person does not wait. */
const work = async (agent: ImprovedAgent, planned: Work): Promise<void> => {
  const { session, name } = agent
  const overtaken = new AbortController()
  const unsubscribe = session.view.onChange(name, () => {
    const next = decideAgent(session.view.agent(name), factsOf(agent))
    if (next.type !== 'work' || !isSame(next.work, planned)) overtaken.abort()
  })
  const signal = AbortSignal.any([session.signal, overtaken.signal])
  try {
    const result = await doWork(agent, planned, signal)
    if (!signal.aborted) await write(agent, [conclude(planned.cycle, factsOf(agent), result)])
  } catch (error) {
    if (error instanceof ConfigError) await giveUp(agent, planned, error)
    else if (!signal.aborted) throw error
  } finally {
    unsubscribe()
  }
}

/** A setting that is wrong for one agent ends its cycle and leaves the others alone. */
const giveUp = async (agent: ImprovedAgent, { cycle }: Work, error: ConfigError): Promise<void> => {
  agent.session.context.logger.error({ agent: agent.name, err: error }, 'the cycle cannot go on')
  const reason = `configuration: ${error.message}`
  await write(agent, [conclude(cycle, factsOf(agent), { type: 'impossible', reason })])
}

const isSame = (a: Work, b: Work): boolean =>
  a.type === b.type && a.cycle.id === b.cycle.id && a.cycle.round === b.cycle.round

const waitForNews = async (
  { session, name }: ImprovedAgent,
  untilMs: number | null,
): Promise<void> => {
  const { clock } = session.context
  const news = new AbortController()
  const unsubscribe = session.view.onChange(name, () => news.abort())
  const leftMs = untilMs === null ? LONGEST_WAIT_MS : Math.max(0, untilMs - clock.nowMs())
  await clock.sleep(
    Math.min(leftMs, LONGEST_WAIT_MS),
    AbortSignal.any([session.signal, news.signal]),
  )
  unsubscribe()
}
