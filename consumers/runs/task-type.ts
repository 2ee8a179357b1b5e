import type { TaskTypeRule } from '../../schemas/task-type-rule.ts'
import type { SpanNode } from './span-tree.ts'

/** What the rules look at. */
export interface RuledRun {
  readonly agent: string
  readonly promptName: string | null
  readonly input: string | null
  readonly nodes: readonly SpanNode[]
}

/** Patterns are an operator's, the texts are a sender's: so much of a text is matched. */
const MATCHED_CHARACTERS = 4000

/** The task type by the first rule of which all conditions hold; null where none does. */
export const taskTypeByRule = (rules: readonly TaskTypeRule[], run: RuledRun): string | null =>
  rules.find((rule) => applies(rule, run))?.taskType ?? null

const applies = (rule: TaskTypeRule, run: RuledRun): boolean =>
  (rule.agent === undefined || rule.agent === run.agent) &&
  (rule.promptName === undefined || rule.promptName === run.promptName) &&
  (rule.input === undefined || matches(rule.input, run.input)) &&
  (rule.attribute === undefined ||
    valuesOf(rule.attribute, run).some((value) => matches(rule.value ?? '', value)))

const valuesOf = (key: string, { nodes }: RuledRun): readonly string[] =>
  nodes.flatMap(({ span: { row, attributes } }) =>
    [attributes[key], row.ResourceAttributes[key]].filter((value) => value !== undefined),
  )

const matches = (pattern: string, text: string | null): boolean =>
  text !== null && new RegExp(pattern, 'u').test(text.slice(0, MATCHED_CHARACTERS))
