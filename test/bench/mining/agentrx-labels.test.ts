import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { tauBenchRow } from '../../../deploy/import/tau-bench-row.ts'
import { tauBenchTelemetry } from '../../../deploy/import/tau-bench-telemetry.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { readRootCauses, spansOfStep } from './agentrx-labels.ts'

const { folder, remove } = temporaryFolder()
afterAll(remove)

const file = (content: unknown): string => {
  const path = join(folder, 'truth.json')
  writeFileSync(path, JSON.stringify(content))
  return path
}
const failure = (id: number, step: number, category: string) => ({
  failure_id: id,
  step_number: step,
  failure_category: category,
  failed_agent: 'Assistant',
})

const called = (name: string, id: string) => ({
  id,
  type: 'function',
  function: { name, arguments: '{}' },
})
/** Numbered from 1 as people do: a call, then two calls in one message. */
const ROW = tauBenchRow.parse({
  task_id: 3,
  reward: 0,
  traj: [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'Refund A1' },
    { role: 'assistant', content: null, tool_calls: [called('get_order', 'a')] },
    { role: 'tool', tool_call_id: 'a', content: 'lost' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [called('refund', 'b'), called('close', 'c')],
    },
    { role: 'tool', tool_call_id: 'b', content: 'Error: no' },
    { role: 'tool', tool_call_id: 'c', content: 'done' },
    { role: 'assistant', content: 'That is done.' },
    { role: 'user', content: 'Thank you' },
  ],
})

const namesOfStep = (step: number): readonly string[] => {
  const ids = spansOfStep(ROW, step)
  const { traces } = tauBenchTelemetry(ROW, { agent: 'other', taskType: 'x', endMs: 1e12 })
  return traces.resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .filter(({ spanId }) => ids.has(spanId))
    .map(({ name }) => name)
}

describe('labels of AgentRx', () => {
  test('name the root cause by its id, in any spelling of the category', () => {
    const path = file([
      {
        trajectory_id: 4,
        failures: [failure(1, 3, 'Invalid Invocation'), failure(2, 5, 'system  failure')],
        root_cause: { failure_id: 2 },
      },
      {
        trajectory_id: 5,
        failures: [failure(3, 7, 'Instruction/Plan Adherence Failure')],
        root_cause: { failure_id: 3 },
      },
    ])
    expect(readRootCauses(path)).toEqual([
      { trajectory: 4, category: 'systemfailure', step: 5 },
      { trajectory: 5, category: 'instructionadherencefailure', step: 7 },
    ])
  })

  test('are refused where the root cause is missing or of a category that nobody knows', () => {
    const entry = { trajectory_id: 9, failures: [failure(1, 3, 'Bad Mood')] }
    expect(() => readRootCauses(file([{ ...entry, root_cause: { failure_id: 1 } }]))).toThrow(
      /run 9/,
    )
    expect(() => readRootCauses(file([{ ...entry, root_cause: { failure_id: 2 } }]))).toThrow(
      /run 9/,
    )
  })
})

describe('the spans of a numbered message', () => {
  test('are the model call that wrote it and the calls that it asks for', () => {
    expect(namesOfStep(3)).toEqual(['chat', 'execute_tool get_order'])
    expect(namesOfStep(5)).toEqual(['chat', 'execute_tool refund', 'execute_tool close'])
    expect(namesOfStep(8)).toEqual(['chat'])
  })

  test('are the one tool call for a result, the reading model call for what was read', () => {
    expect(namesOfStep(6)).toEqual(['execute_tool refund'])
    expect(namesOfStep(7)).toEqual(['execute_tool close'])
    expect(namesOfStep(2)).toEqual(['chat'])
    expect(spansOfStep(ROW, 2)).toEqual(new Set([...spansOfStep(ROW, 3)].slice(0, 1)))
  })

  test('are none where nobody read the last message, or there is no such message', () => {
    expect(namesOfStep(9)).toEqual([])
    expect(namesOfStep(40)).toEqual([])
  })
})
