import { describe, expect, test } from 'vitest'
import { openRuns } from '../../../consumers/runs/assemble-run.ts'
import type { OtelTraceRow } from '../../../schemas/tables.ts'
import { type TaskTypeRule, taskTypeRule } from '../../../schemas/task-type-rule.ts'
import { agent, chat, stored } from '../../support/a-run-trace.ts'

const RULES: readonly TaskTypeRule[] = [
  { taskType: 'checkout', attribute: 'http.route', value: '^/checkout' },
  { taskType: 'refund', agent: 'desk', input: '(?i:refund)' },
  { taskType: 'review', promptName: 'reviewer' },
].map((rule) => taskTypeRule.parse(rule))

const asked = (
  words: string,
  attributes: Readonly<Record<string, string>> = {},
): OtelTraceRow[] => [
  agent({ attributes: { 'gen_ai.prompt.name': 'support', ...attributes } }),
  chat('c', {
    attributes: {
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: words }] }],
    },
  }),
]
const taskTypeOf = (rows: readonly OtelTraceRow[]): string | null | undefined => {
  const runs = openRuns(stored(rows), RULES)
  return typeof runs === 'string' ? runs : runs[0]?.identity.taskType
}

describe('the task type', () => {
  test('is what the run says of itself, before any rule', () => {
    expect(taskTypeOf(asked('Refund A1', { 'neosigma.task.type': 'complaint' }))).toBe('complaint')
  })

  test('is that of the first rule of which all conditions hold', () => {
    expect(taskTypeOf(asked('I want a REFUND'))).toBe('refund')
    expect(taskTypeOf(asked('Refund A1', { 'http.route': '/checkout/pay' }))).toBe('checkout')
    expect(taskTypeOf(asked('Refund A1', { 'gen_ai.agent.name': 'other' }))).toBe('support')
    expect(taskTypeOf(asked('Look', { 'gen_ai.prompt.name': 'reviewer' }))).toBe('review')
  })

  test('is the name of the prompt where no rule applies', () => {
    expect(taskTypeOf(asked('Hello'))).toBe('support')
  })

  test('takes no rule with a pattern that is none', () => {
    expect(taskTypeRule.safeParse({ taskType: 'x', input: '(' }).success).toBe(false)
  })
})
