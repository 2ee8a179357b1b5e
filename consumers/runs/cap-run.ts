import type { AgentRun, RunStep } from '../../schemas/agent-run.ts'

/** The caps of a run: what is longer is cut in the middle, and `truncated` says so. */
export const RUN_CAPS = {
  /** Steps beyond it: the first and the last halves of this number stay. */
  steps: 2000,
  scores: 500,
  /** Characters of a name, an error and an explanation. */
  nameChars: 200,
  errorChars: 2000,
  /** Characters of an input or output; the first at which the whole run keeps within `bytes`. */
  contentChars: [32_000, 8000, 2000, 500, 100],
  bytes: 4 * 1024 * 1024,
} as const

export type UncappedRun = Omit<AgentRun, 'revision'>

/** A run within the caps. Most fit as they are. */
export const capRun = (run: UncappedRun): UncappedRun => {
  const few = withFewSteps(run)
  for (const chars of RUN_CAPS.contentChars) {
    const capped = withShortTexts(few, chars)
    if (Buffer.byteLength(JSON.stringify(capped)) <= RUN_CAPS.bytes) return capped
  }
  return withShortTexts({ ...few, steps: few.steps.slice(0, 500), truncated: true }, 100)
}

const withFewSteps = (run: UncappedRun): UncappedRun => {
  const { steps, scores } = run
  const half = RUN_CAPS.steps / 2
  return {
    ...run,
    steps: steps.length > RUN_CAPS.steps ? [...steps.slice(0, half), ...steps.slice(-half)] : steps,
    scores: scores.slice(0, RUN_CAPS.scores),
    truncated: run.truncated || steps.length > RUN_CAPS.steps || scores.length > RUN_CAPS.scores,
  }
}

const withShortTexts = (run: UncappedRun, contentChars: number): UncappedRun => {
  let truncated = run.truncated
  const cut = <Text extends string | null>(text: Text, most: number): Text => {
    if (text === null || text.length <= most) return text
    truncated = true
    return cutMiddle(text, most) as Text
  }
  const cutError = <Failure extends AgentRun['error']>(error: Failure): Failure =>
    error === null
      ? error
      : ({
          type: cut(error.type, RUN_CAPS.nameChars),
          message: cut(error.message, RUN_CAPS.errorChars),
        } as Failure)
  const cutStep = (step: RunStep): RunStep => ({
    ...step,
    name: cut(step.name, RUN_CAPS.nameChars),
    agent: cut(step.agent, RUN_CAPS.nameChars),
    model: cut(step.model, RUN_CAPS.nameChars),
    input: cut(step.input, contentChars),
    output: cut(step.output, contentChars),
    error: cutError(step.error),
  })
  const capped = {
    ...run,
    model: cut(run.model, RUN_CAPS.nameChars),
    input: cut(run.input, contentChars),
    output: cut(run.output, contentChars),
    error: cutError(run.error),
    steps: run.steps.map(cutStep),
    scores: run.scores.map((score) => ({
      ...score,
      name: cut(score.name, RUN_CAPS.nameChars),
      source: cut(score.source, RUN_CAPS.nameChars),
      version: cut(score.version, RUN_CAPS.nameChars),
      explanation: cut(score.explanation, RUN_CAPS.errorChars),
    })),
  }
  return { ...capped, truncated }
}

/** A text of at most `most` characters: a quarter from its beginning, the rest from its end, where a history is new. */
const cutMiddle = (text: string, most: number): string => {
  const mark = ` …[${text.length - most} cut]… `
  const left = Math.max(0, most - mark.length)
  const head = Math.ceil(left / 4)
  return `${text.slice(0, head)}${mark}${text.slice(text.length - (left - head))}`.slice(0, most)
}
