import { matchAnswer } from '../../controller/evaluation/match-answer.ts'
import type { Clock } from '../../pipeline/service-runtime/clock.ts'
import { type Random, seededRandom } from '../../schemas/seeded-random.ts'
import type { World } from '../simulated-model/world.ts'
import { drawTask, drawTaskType } from './draw-task.ts'
import type { ChatReply, ChatRequest } from './sample-agent/sample-agent.ts'

/** Users of the sample agent: they write, and most of them say whether they were helped. */
export interface Traffic {
  /** Conversations spread evenly over the hours before now. */
  past(conversations: number, hours: number): Promise<void>
  /** Conversations at a steady pace until the signal aborts. */
  live(perSecond: number, signal: AbortSignal): Promise<void>
  sent(): number
}

export interface TrafficOptions {
  readonly world: World
  readonly agentUrl: string
  readonly seed: string
  readonly clock: Clock
}

const CONCURRENCY = 8
const HOUR_MS = 3_600_000
/** The past ends here, so that what is sent afterwards is later. */
const PAST_ENDS_MS = 60_000

export const openTraffic = (options: TrafficOptions): Traffic => {
  const random = seededRandom(`${options.seed}:traffic`)
  let sent = 0
  const converse = async (atMs: number | null): Promise<void> => {
    sent++
    await conversation(options, random, { number: sent, atMs })
  }
  return {
    sent: () => sent,
    past: async (conversations, hours) => {
      const nowMs = options.clock.nowMs() - PAST_ENDS_MS
      const times = Array.from(
        { length: conversations },
        (_, index) => nowMs - hours * HOUR_MS * (1 - (index + 1) / conversations),
      )
      const lane = async (): Promise<void> => {
        for (let at = times.shift(); at !== undefined; at = times.shift()) await converse(at)
      }
      await Promise.all(Array.from({ length: CONCURRENCY }, lane))
    },
    live: async (perSecond, signal) => {
      const open = new Set<Promise<void>>()
      while (!signal.aborted) {
        const one: Promise<void> = converse(null).finally(() => open.delete(one))
        open.add(one)
        // A conversation that failed is told by whoever waits for it.
        one.catch(() => undefined)
        if (open.size >= CONCURRENCY) await Promise.race(open)
        await options.clock.sleep(1000 / perSecond, signal)
      }
      await Promise.all(open)
    },
  }
}

/** All of a conversation is drawn before it begins, so that the course of the others does not matter. */
const conversation = async (
  { world, agentUrl, seed }: TrafficOptions,
  random: Random,
  { number, atMs }: { readonly number: number; readonly atMs: number | null },
): Promise<void> => {
  const { taskType, message, check } = drawTask(world, drawTaskType(world, random), random)
  const user = `user-${Math.floor(random() * world.traffic.users)}`
  const saysSo = random() < world.traffic.feedbackShare
  const request: ChatRequest = {
    message,
    topic: taskType,
    session: `session-${seed}-${number}`,
    user,
    atMs,
  }
  const reply = await post<ChatReply>(`${agentUrl}/chat`, request)
  // Of an agent that broke down there is nothing to say: its own telemetry does.
  if (reply === null || !saysSo) return
  const { answer, traceId } = reply
  const good = check.every((scorer) => matchAnswer(scorer, answer))
  await post(`${agentUrl}/feedback`, { traceId, user, good })
}

const post = async <Answer>(url: string, body: unknown): Promise<Answer | null> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  return response.ok ? (JSON.parse(text) as Answer) : null
}
