import { expect, test } from 'vitest'
import { fingerprintOf } from '../../consumers/fingerprint/fingerprint-of.ts'
import { jsonOf } from '../../consumers/runs/attributes.ts'
import { agent, assemble, chat, tool } from '../support/a-run-trace.ts'

// A content of 20,000 brackets is JSON that parses, and whoever walked through it ran out of stack: the trace went to the
// dead letters, so that one who did not want his run to be seen had only to answer in brackets.
const nested = (before: string, behind: string): string =>
  `${before.repeat(20_000)}1${behind.repeat(20_000)}`

test.each([
  ['lists', nested('[', ']')],
  ['objects', nested('{"a":', '}')],
  ['messages in messages', nested('{"message":', '}')],
  ['content in content', nested('[{"role":"user","content":', '}]')],
  ['parts in parts', nested('{"role":"user","parts":[', ']}')],
])('%s without end make a run like any other, and are its text', (_, trap) => {
  const run = assemble([
    agent({
      error: 'boom',
      attributes: { 'gen_ai.input.messages': trap, 'gen_ai.output.messages': trap },
    }),
    chat('c', { at: 1, attributes: { 'gen_ai.tool.definitions': trap, 'output.value': trap } }),
    tool('t', { at: 2, attributes: { 'gen_ai.tool.call.arguments': trap } }),
  ])
  expect(run).toMatchObject({ outcome: 'fail', agent: 'desk', truncated: true })
  expect(run.input?.slice(0, 5)).toBe(trap.slice(0, 5))
  expect(fingerprintOf(run)).toBeDefined()
})

test('brackets in strings nest nothing', () => {
  const said = [{ role: 'user', content: `${'['.repeat(500)}" \\" \\\\` }]
  expect(jsonOf(JSON.stringify(said))).toEqual(said)
  expect(jsonOf(`${'['.repeat(200)}${']'.repeat(200)}`)).toBeDefined()
  expect(jsonOf(`${'['.repeat(201)}${']'.repeat(201)}`)).toBeUndefined()
})
