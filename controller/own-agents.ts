import type { RoleContext } from '../pipeline/service-runtime/role.ts'
import type { ControllerSession } from './controller-session.ts'
import { openCycleView } from './cycle-view.ts'
import { improveAgent } from './improve-agent.ts'
import { decisionOutbox } from './publish-decisions.ts'
import { whyNotImproved } from './why-not-improved.ts'

export interface OwnedSession {
  readonly session: ControllerSession
  /** Resolves when the past has been read. */
  readonly ready: Promise<void>
  isReading(): boolean
  /** Resolves when nothing of it runs any more; rejects with what ended it. */
  readonly ended: Promise<void>
  close(): void
}

/** Begins to act for the agents: reads the past afresh, since another process may have written it. */
export const openSession = (
  context: RoleContext,
  {
    openRunner,
    signal: outer,
  }: { readonly openRunner: ControllerSession['openRunner']; readonly signal: AbortSignal },
): OwnedSession => {
  const closing = new AbortController()
  const signal = AbortSignal.any([outer, closing.signal])
  const view = openCycleView(context, signal)
  const session: ControllerSession = {
    context,
    view,
    outbox: decisionOutbox(context),
    openRunner,
    ledgers: new Map(),
    starts: new Map(),
    signal,
  }
  let reading = true
  const ready = prepare(session).then(() => {
    reading = false
  })
  const ended = improveAll(session, ready).finally(() => closing.abort())
  return { session, ready, isReading: () => reading, ended, close: () => closing.abort() }
}

/** Reads the past, and says at once of which agents nothing can come. */
const prepare = async (session: ControllerSession): Promise<void> => {
  await session.view.caughtUp
  const { agents } = session.context.configuration
  for (const [name, settings] of Object.entries(agents))
    await whyNotImproved({ session, name, settings })
}

const improveAll = async (session: ControllerSession, ready: Promise<void>): Promise<void> => {
  await ready
  const { agents } = session.context.configuration
  await Promise.all([
    session.view.ended,
    ...Object.entries(agents).map(([name, settings]) => improveAgent({ session, name, settings })),
  ])
}
