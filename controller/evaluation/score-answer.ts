import { canonicalJson, digestOf } from '../../schemas/canonical-json.ts'
import type { RunResponse } from '../../schemas/run-protocol.ts'
import type { Scorer, Task } from '../../schemas/task.ts'
import { answerText, matchAnswer } from './match-answer.ts'
import { withinTime } from './within-time.ts'

export interface Judgement {
  /** null where nothing may be said: `infra_error`. */
  readonly score: number | null
  readonly passed: boolean | null
  readonly error: string | null
}

/** Raise it when a scorer judges the same answer otherwise than before: scores of unlike epochs are never compared. */
const SCORERS_VERSION = 1
const SCORER_MS = 250
/** Longer answers are judged by their beginning, so that a scorer's work is bounded. */
const MOST_CHARS = 200_000

/** Names the judge of a suite: scorers, expectations and thresholds of its tasks, and this version of the scorers. */
export const epochOf = (tasks: readonly Task[]): string => {
  const judged = tasks.map(({ id, scorers, expected, passThreshold }) => {
    return [id, { scorers, expected, passThreshold }] as const
  })
  return digestOf({ version: SCORERS_VERSION, judged: Object.fromEntries(judged) }).slice(0, 23)
}

/**
 * Judges an answer: the weighted mean of the scorers; without scorers equality with `expected`; without both the mean
 * of the agent's own scores; without any of these 1 for an answer (the convention for production runs).
 * `agent_error` and `timeout` score 0 in both arms alike.
 */
export const scoreAnswer = (task: Task, response: RunResponse): Judgement => {
  if (response.status === 'infra_error')
    return { score: null, passed: null, error: errorOf(response) }
  if (response.status !== 'ok') return { score: 0, passed: false, error: errorOf(response) }
  const { score, error } = judge(task, response)
  return { score, passed: score >= task.passThreshold, error }
}

interface Score {
  readonly score: number
  readonly error: string | null
}

const judge = (task: Task, { output, scores }: RunResponse): Score => {
  if (task.scorers.length > 0) return weigh(task.scorers, output)
  if (task.expected !== undefined)
    return { score: isEqual(task.expected, output) ? 1 : 0, error: null }
  return { score: mean(Object.values(scores ?? {})) ?? 1, error: null }
}

const weigh = (scorers: readonly Scorer[], output: unknown): Score => {
  const judged = typeof output === 'string' ? output.slice(0, MOST_CHARS) : output
  let [weights, sum] = [0, 0]
  let error: string | null = null
  for (const scorer of scorers) {
    const weight = scorer.weight ?? 1
    const match = withinTime(SCORER_MS, () => matchAnswer(scorer, judged))
    if (match === null) error = `The ${scorer.type} scorer took longer than ${SCORER_MS} ms.`
    weights += weight
    sum += match?.value === true ? weight : 0
  }
  return { score: sum / weights, error }
}

/** Texts are compared without outer white space, other values as JSON whatever the order of their keys. */
const isEqual = (expected: unknown, output: unknown): boolean =>
  typeof expected === 'string'
    ? answerText(output).trim() === expected.trim()
    : canonicalJson(parsedLike(output)) === canonicalJson(expected)

const parsedLike = (output: unknown): unknown => {
  if (typeof output !== 'string') return output
  try {
    return JSON.parse(output)
  } catch {
    return output
  }
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

const errorOf = ({ status, error }: RunResponse): string =>
  error === undefined ? status : `${error.kind}: ${error.message}`
