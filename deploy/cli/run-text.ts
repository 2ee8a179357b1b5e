import type { AgentRun, RunScore, RunStep } from '../../schemas/agent-run.ts'
import { type Column, oneLine } from './text-table.ts'

const CONTENT_CHARACTERS = 80

/** What is known of a run as a whole, a line each. Every text in it is a trace's own: it is kept on its line. */
export const runHeader = (run: AgentRun): string => {
  const fields: readonly (readonly [string, unknown])[] = [
    ['Run', run.traceId],
    ['Trace', run.partOf ?? run.traceId],
    ['Agent', [run.agent, run.agentVersion].filter((text) => text !== null).join(' ')],
    ['Prompt', [run.promptName, run.promptVersion].filter((text) => text !== null).join(' ')],
    ['Task type', run.taskType],
    ['Started', `${run.startedAt}, ${Math.round(run.durationMs)} ms`],
    ['Outcome', `${run.outcome}, score ${run.score}`],
    ['Model', run.model],
    ['Used', usedBy(run)],
    ['Session', run.sessionId],
    ['User', run.userId],
    ['Error', run.error === null ? null : `${run.error.type}: ${run.error.message}`],
    ['Task', run.input],
    ['Answer', run.output],
  ]
  const lines = fields.map(([name, value]) => `${name.padEnd(10)} ${shortened(value)}`)
  return `${lines.join('\n')}\n${run.truncated ? 'Cut to the caps of a run.\n' : ''}`
}

const usedBy = (run: AgentRun): string =>
  [
    `${run.modelCalls} model calls`,
    `${run.toolCalls} tool calls`,
    `${run.inputTokens ?? '–'} tokens in`,
    `${run.outputTokens ?? '–'} out`,
    ...(run.costUsd === null ? [] : [`${run.costUsd} USD`]),
  ].join(', ')

export const SCORE_COLUMNS: readonly Column<RunScore>[] = [
  { title: 'SCORE', value: ({ name }) => name },
  { title: 'VALUE', value: ({ value }) => value, align: 'right' },
  { title: 'WEIGHT', value: ({ weight }) => Number(weight.toPrecision(3)), align: 'right' },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'SOURCE', value: ({ source }) => shortened(source) },
  { title: 'VERSION', value: ({ version }) => shortened(version) },
  {
    title: 'WHY',
    value: ({ note, explanation }) =>
      shortened([note, explanation].filter((text) => text).join(': ')),
  },
]

/** A step and how deep it is in the run. */
export interface PlacedStep {
  readonly step: RunStep
  readonly depth: number
}

/** The steps in their order, each with its depth; a step whose parent was cut away is on top. */
export const placedSteps = (steps: readonly RunStep[]): readonly PlacedStep[] => {
  const parents = new Map(steps.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]))
  return steps.map((step) => {
    const above = new Set<string>()
    let at = step.parentSpanId
    while (at !== null && parents.has(at) && !above.has(at) && above.size < DEEPEST) {
      above.add(at)
      at = parents.get(at) ?? null
    }
    return { step, depth: above.size }
  })
}

const DEEPEST = 12

export const STEP_COLUMNS: readonly Column<PlacedStep>[] = [
  { title: 'KIND', value: ({ step }) => step.kind },
  { title: 'STEP', value: ({ step, depth }) => `${'  '.repeat(depth)}${shortened(step.name)}` },
  { title: 'AGENT', value: ({ step }) => shortened(step.agent) },
  { title: 'MS', value: ({ step }) => Math.round(step.durationMs), align: 'right' },
  { title: 'INPUT', value: ({ step }) => shortened(gistOf(step.input)) },
  { title: 'OUTPUT', value: ({ step }) => shortened(gistOf(step.output)) },
  {
    title: 'ERROR',
    value: ({ step: { error } }) =>
      error === null ? null : shortened(`${error.type}: ${error.message}`),
  },
]

/** Of messages the last one, which is new in each step; other content as it is. */
const gistOf = (content: string | null): string | null => {
  const last = messagesIn(content)?.at(-1)
  if (last === undefined) return content
  return `${last.role}: ${last.parts.map(gistOfPart).join(' ')}`
}

interface Message {
  readonly role: string
  readonly parts: readonly Readonly<Record<string, unknown>>[]
}

const messagesIn = (content: string | null): readonly Message[] | null => {
  if (content?.startsWith('[{"role":') !== true) return null
  try {
    const messages: readonly Message[] = JSON.parse(content)
    return messages.every(({ parts }) => Array.isArray(parts)) ? messages : null
  } catch {
    // Content that was cut to the caps is no JSON any more.
    return null
  }
}

const gistOfPart = (part: Message['parts'][number]): string => {
  switch (part['type']) {
    case 'tool_call':
      return `${part['name']}(${textOf(part['arguments'])})`
    case 'tool_call_response':
      return textOf(part['response'])
    default:
      return textOf(part['content'])
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? '')

const shortened = (value: unknown): string => {
  const text = oneLine(value)
  return text.length > CONTENT_CHARACTERS ? `${text.slice(0, CONTENT_CHARACTERS - 1)}…` : text
}
