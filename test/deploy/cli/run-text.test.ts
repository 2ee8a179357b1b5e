import { describe, expect, test } from 'vitest'
import { jsonText } from '../../../deploy/cli/output.ts'
import {
  placedSteps,
  runHeader,
  SCORE_COLUMNS,
  STEP_COLUMNS,
} from '../../../deploy/cli/run-text.ts'
import { type Column, tableLines } from '../../../deploy/cli/text-table.ts'
import { agent, assemble, chat, tool } from '../../support/a-run-trace.ts'
import { aLog } from '../../support/a-trace.ts'

const lines = async <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Promise<readonly string[]> => {
  const all: string[] = []
  for await (const line of tableLines(
    columns,
    (async function* () {
      yield* rows
    })(),
  ))
    all.push(line)
  return all
}

const said = (role: string, content: string) =>
  JSON.stringify([{ role, parts: [{ type: 'text', content }] }])

describe('a run on the terminal', () => {
  const run = assemble(
    [
      agent({ attributes: { 'gen_ai.conversation.id': 'k' } }),
      chat('c', {
        at: 1,
        attributes: {
          'gen_ai.input.messages': said('user', 'Refund A1'),
          'gen_ai.output.messages': said('assistant', 'Done.'),
          'gen_ai.usage.input_tokens': 7,
        },
      }),
      tool('t', { parent: 'c', at: 2, error: 'no such order' }),
    ],
    [
      aLog({
        event: 'gen_ai.evaluation.result',
        attributes: {
          'gen_ai.evaluation.name': 'correctness',
          'gen_ai.evaluation.score.value': 0.25,
          'gen_ai.evaluation.explanation': 'not refunded',
        },
      }),
    ],
  )

  test('tells what was asked, answered and used', () => {
    const header = runHeader(run)
    for (const part of ['desk', 'Refund A1', 'Done.', 'fail, score 0.25', '7 tokens in', 'Session'])
      expect(header).toContain(part)
  })

  test('lists its scores with weight, source and reason', async () => {
    const [, score] = await lines(SCORE_COLUMNS, run.scores)
    expect(score).toMatch(/correctness +0\.25 +[\d.]+ +automated +telemetry.*not refunded/)
  })

  test('lists its steps below one another, with what went in and out and what failed', async () => {
    const [, first, second, third] = await lines(STEP_COLUMNS, placedSteps(run.steps))
    expect(first).toMatch(/^agent +desk/)
    expect(second).toMatch(/^llm {6}chat gpt-x .*user: Refund A1 +assistant: Done\./)
    expect(third).toMatch(/^tool {7}lookup .*error: no such order/)
  })
})

test('nothing in a trace controls the terminal', async () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\r\nNEXT\u202e\u0000'
  const run = assemble(
    [
      agent({
        error: evil,
        attributes: {
          'gen_ai.agent.name': `a${evil}`,
          'gen_ai.agent.version': evil,
          'gen_ai.prompt.name': evil,
          'gen_ai.conversation.id': evil,
          'user.id': evil,
          'gen_ai.input.messages': said('user', evil),
          'gen_ai.output.messages': said(evil, evil),
        },
      }),
      tool('t', {
        at: 1,
        error: evil,
        attributes: { 'gen_ai.tool.name': evil, 'gen_ai.tool.call.arguments': evil },
      }),
    ],
    [
      aLog({
        event: 'gen_ai.evaluation.result',
        attributes: {
          'gen_ai.evaluation.name': evil,
          'gen_ai.evaluation.score.value': 1,
          'gen_ai.evaluation.explanation': evil,
          'gen_ai.evaluation.evaluator.id': evil,
        },
      }),
    ],
  )
  const text = [
    runHeader(run).split('\n'),
    await lines(SCORE_COLUMNS, run.scores),
    await lines(STEP_COLUMNS, placedSteps(run.steps)),
  ].flat()
  expect(text.join('')).toContain('owned')
  for (const line of text) expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e]/u)
})

test('JSON on the terminal is the same JSON, and controls nothing', () => {
  const evil = { text: '\u001b[2J\u009b31m\u202e\u007f\u2028ü' }
  expect(jsonText(evil)).not.toMatch(/[\p{Cc}\u2028-\u202e]/u)
  expect(JSON.parse(jsonText(evil))).toEqual(evil)
})
