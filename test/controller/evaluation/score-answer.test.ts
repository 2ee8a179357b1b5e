import { describe, expect, test } from 'vitest'
import { epochOf, scoreAnswer } from '../../../controller/evaluation/score-answer.ts'
import { withinTime } from '../../../controller/evaluation/within-time.ts'
import { runResponse } from '../../../schemas/run-protocol.ts'
import { scorer, task } from '../../../schemas/task.ts'

const judge = (scorers: readonly unknown[], output: unknown, rest = {}) =>
  scoreAnswer(
    task.parse({ id: 't', input: '', scorers, ...rest }),
    runResponse.parse({ status: 'ok', output }),
  ).score

describe('a scorer', () => {
  test.each([
    [{ type: 'exact', value: 'yes' }, ' yes\n', 1],
    [{ type: 'exact', value: 'yes' }, 'Yes', 0],
    [{ type: 'exact', value: '{"a":1,"b":2}' }, { b: 2, a: 1 }, 1],
    [{ type: 'contains', value: 'Refund' }, 'your refund is due', 1],
    [{ type: 'contains', value: 'Refund', caseSensitive: true }, 'your refund is due', 0],
    [{ type: 'contains', value: 'sorry', not: true }, 'done', 1],
    [{ type: 'contains', value: 'sorry', not: true }, 'Sorry!', 0],
    [{ type: 'regex', pattern: '^a+$' }, 'aaa', 1],
    [{ type: 'regex', pattern: '^A+$', flags: 'i' }, 'aaa', 1],
    [{ type: 'regex', pattern: '^a+$' }, 'b', 0],
    [{ type: 'json-schema', schema: { type: 'object', required: ['x'] } }, '{"x":1}', 1],
    [{ type: 'json-schema', schema: { type: 'object', required: ['x'] } }, { y: 1 }, 0],
    [{ type: 'json-schema', schema: { type: 'object' } }, 'no json', 0],
    [{ type: 'numeric', value: 1234.5 }, 'a total of 1,234.5', 1],
    [{ type: 'numeric', value: -3, tolerance: 0.5 }, 'it is 7 less, so -3.4', 1],
    [{ type: 'numeric', value: 3 }, 4, 0],
    [{ type: 'numeric', value: 0 }, 'none', 0],
  ])('%j on %j scores %d', (one, output, score) => {
    expect(judge([scorer.parse(one)], output)).toBe(score)
  })

  test('without end is cut off and scores 0 with the reason', () => {
    const catastrophic = { type: 'regex', pattern: '^(a+)+$' }
    const judged = scoreAnswer(
      task.parse({ id: 't', input: '', scorers: [catastrophic, { type: 'contains', value: 'b' }] }),
      runResponse.parse({ status: 'ok', output: `${'a'.repeat(60)}b` }),
    )
    expect(judged.score).toBe(0.5)
    expect(judged.error).toContain('regex')
  })
})

describe('a judgement', () => {
  test('weighs several scorers', () => {
    const scorers = [
      { type: 'contains', value: 'a', weight: 3 },
      { type: 'contains', value: 'z' },
    ]
    expect(judge(scorers, 'a')).toBe(0.75)
  })

  test('passes from the threshold on', () => {
    const at = (passThreshold: number) =>
      scoreAnswer(
        task.parse({ id: 't', input: '', expected: 'a', passThreshold }),
        runResponse.parse({ status: 'ok', output: 'a' }),
      ).passed
    expect([at(1), at(0)]).toEqual([true, true])
  })

  test('without scorers compares with the expected value, whatever the order of keys', () => {
    expect(judge([], '{"b":[1],"a":2}', { expected: { a: 2, b: [1] } })).toBe(1)
    expect(judge([], 'x ', { expected: 'x' })).toBe(1)
    expect(judge([], 'y', { expected: 'x' })).toBe(0)
  })

  test('without scorers and expectation takes the agent’s own scores, and never with them', () => {
    const response = runResponse.parse({ status: 'ok', output: '', scores: { a: 1, b: 0.5 } })
    const of = (more: object) =>
      scoreAnswer(task.parse({ id: 't', input: '', ...more }), response).score
    expect(of({})).toBe(0.75)
    expect(of({ expected: 'x' })).toBe(0)
  })

  test.each([
    ['agent_error', 0],
    ['timeout', 0],
    ['infra_error', null],
  ])('of %s is %j even where the agent gives itself full marks', (status, score) => {
    const response = runResponse.parse({ status, output: 'yes', scores: { own: 1 } })
    const of = task.parse({ id: 't', input: '', expected: 'yes' })
    expect(scoreAnswer(of, response)).toMatchObject({
      score,
      passed: score === null ? null : false,
    })
  })

  test('has another epoch when anything that judges changes, and the same when only inputs do', () => {
    const one = task.parse({ id: 't', input: 'a', expected: 'x' })
    expect(epochOf([{ ...one, input: 'b' }])).toBe(epochOf([one]))
    for (const change of [
      { expected: 'y' },
      { passThreshold: 0.9 },
      { scorers: [scorer.parse({ type: 'exact', value: 'x' })] },
    ])
      expect(epochOf([{ ...one, ...change }])).not.toBe(epochOf([one]))
  })
})

test('work in time gives its result, and its exceptions are its own', () => {
  expect(withinTime(1000, () => 7)).toEqual({ value: 7 })
  expect(
    withinTime(20, () => {
      for (;;);
    }),
  ).toBeNull()
  expect(() =>
    withinTime(1000, () => {
      throw new RangeError('no')
    }),
  ).toThrow(RangeError)
})
