import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  importOtlpJson,
  importTauBench,
  type TauBenchImport,
} from '../../../deploy/import/import-file.ts'
import type { RunRow } from '../../../schemas/tables.ts'
import { type ImportSystem, importSystem } from '../../support/import-system.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

let system: ImportSystem
const { folder, remove } = temporaryFolder()

beforeAll(async () => {
  system = await importSystem()
})
afterAll(async () => {
  await system.close()
  remove()
})

const file = (name: string, content: unknown): string => {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const call = (name: string, id: string) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name, arguments: '{"order":"A1"}' } }],
})
/** Two calls with one id, and a step with two calls: what real files hold. */
const ROWS = [
  {
    task_id: 1,
    trial: 0,
    reward: 0.0,
    info: { task: { user_id: 'u1', instruction: 'the agent never saw this' }, user_cost: null },
    traj: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Refund A1' },
      call('get_order', 'same'),
      { role: 'tool', tool_call_id: 'same', name: 'get_order', content: '{"state":"lost"}' },
      call('refund', 'same'),
      { role: 'tool', tool_call_id: 'same', name: 'refund', content: 'Error: not allowed' },
      { role: 'assistant', content: 'I cannot refund A1.' },
      { role: 'user', content: '###STOP###' },
    ],
  },
  {
    task_id: 1,
    trial: 1,
    reward: 1.0,
    traj: [
      { role: 'user', content: 'Refund A1' },
      {
        ...call('get_order', 'a'),
        tool_calls: [...call('get_order', 'a').tool_calls, ...call('think', 'b').tool_calls],
      },
      { role: 'tool', name: 'get_order', content: '{}' },
      { role: 'tool', name: 'think', content: '' },
      { role: 'assistant', content: 'Done.' },
    ],
  },
]

const OPTIONS: TauBenchImport = {
  agent: 'desk',
  taskType: 'refund',
  startMs: null,
  spacingMs: 60_000,
}

const runs = (agent: string): Promise<readonly RunRow[]> =>
  system.rows<RunRow>(
    `SELECT * FROM neosigma_runs FINAL WHERE Agent = '${agent}' ORDER BY StartedAt, TraceId`,
  )
const runsOf = async (agent: string, count: number): Promise<readonly RunRow[]> => {
  await expect.poll(async () => (await runs(agent)).length, { timeout: 20_000 }).toBe(count)
  return runs(agent)
}
const stored = async (): Promise<unknown> => ({
  spans: await system.rows('SELECT count() AS n, uniqExact(SpanId) AS ids FROM otel_traces'),
  logs: await system.rows('SELECT count() AS n FROM otel_logs'),
  runs: await system.rows('SELECT TraceId, Revision FROM neosigma_runs FINAL ORDER BY TraceId'),
})

describe('an import of tau-bench runs', () => {
  test('makes agent, model and tool spans and the reward, a minute apart, the last ending now', async () => {
    const before = Date.now()
    const imported = await importTauBench(file('tau.json', ROWS), OPTIONS, system.services)
    expect(imported).toMatchObject({ sent: 2, skipped: 0 })
    const [first, second] = await runsOf('desk', 2)
    expect(imported.traceIds).toEqual([first?.TraceId, second?.TraceId])
    expect(first).toMatchObject({ Outcome: 'fail', Score: 0, ModelCalls: 3, ToolCalls: 2 })
    expect(first).toMatchObject({ TaskType: 'refund', UserId: 'u1', Dialect: 'gen-ai' })
    expect(second).toMatchObject({ Outcome: 'pass', Score: 1, ModelCalls: 2, ToolCalls: 2 })
    expect(second).toMatchObject({ InputTokens: null, Model: null, UserId: null })
    const ends = [first, second].map((row) => Date.parse(`${row?.EndedAt.replace(' ', 'T')}Z`))
    expect(ends[1]).toBeGreaterThanOrEqual(before)
    expect((ends[1] ?? 0) - (ends[0] ?? 0)).toBe(60_000)
  })

  test('pairs results with calls by position and keeps every message, but nothing that the agent never saw', async () => {
    const [first] = await runsOf('desk', 2)
    const run = JSON.parse(first?.Body ?? '{}')
    const tools = run.steps.filter((step: { kind: string }) => step.kind === 'tool')
    expect(tools.map((step: { name: string; output: string }) => [step.name, step.output])).toEqual(
      [
        ['get_order', '{"state":"lost"}'],
        ['refund', 'Error: not allowed'],
      ],
    )
    expect(tools[1].error).toEqual({ type: 'tool_error', message: 'Error: not allowed' })
    for (const text of ['Be kind.', 'Refund A1', 'I cannot refund A1.'])
      expect(first?.Body).toContain(text)
    expect(first?.Body).not.toContain('never saw')
    expect(run.output).toBe('I cannot refund A1.')
    expect(run.scores).toMatchObject([{ name: 'reward', source: 'tau-bench', type: 'explicit' }])
  })

  test('a second time changes nothing', async () => {
    const before = await stored()
    const again = await importTauBench(file('tau.json', ROWS), OPTIONS, system.services)
    expect(again).toMatchObject({ sent: 0, skipped: 2 })
    expect(await stored()).toEqual(before)
  })

  test('completes what an import that was killed has left', async () => {
    const [row] = ROWS
    const half = [{ ...row, task_id: 'half' }]
    const path = file('half.json', half)
    const options = { ...OPTIONS, agent: 'half', startMs: Date.parse('2026-11-02T00:00:00Z') }
    const services = {
      ...system.services,
      // The receiver is gone after the first request, which is the reward.
      receiverUrl: 'http://127.0.0.1:1',
      clock: { nowMs: () => Date.now(), sleep: () => Promise.resolve() },
    }
    await expect(importTauBench(path, options, services)).rejects.toThrow('log-unavailable')
    expect(await importTauBench(path, options, system.services)).toMatchObject({ sent: 1 })
    const [run] = await runsOf('half', 1)
    expect(run?.StartedAt).toBe('2026-11-02 00:00:00.000')
  })

  test('with a start begins exactly then, and every run one spacing after the one before', async () => {
    const options = {
      ...OPTIONS,
      agent: 'dated',
      startMs: Date.parse('2026-11-03T10:00:00Z'),
      spacingMs: 1000,
    }
    const rows = ROWS.map((row) => ({ ...row, task_id: 'dated' }))
    await importTauBench(file('dated.json', rows), options, system.services)
    expect((await runsOf('dated', 2)).map((run) => run.StartedAt)).toEqual([
      '2026-11-03 10:00:00.000',
      '2026-11-03 10:00:01.000',
    ])
  })

  test('pairs the results of one message by id where its ids tell the calls apart', async () => {
    const tool = (name: string, id: string) => call(name, id).tool_calls[0]
    const row = {
      task_id: 'several',
      reward: 0.5,
      traj: [
        { role: 'user', content: 'Both' },
        { role: 'assistant', tool_calls: [tool('one', 'a'), tool('two', 'b'), tool('three', 'c')] },
        { role: 'tool', tool_call_id: 'b', content: 'of two' },
        { role: 'tool', tool_call_id: 'a', content: 'of one' },
      ],
    }
    await importTauBench(
      file('several.json', [row]),
      { ...OPTIONS, agent: 'several' },
      system.services,
    )
    const [run] = await runsOf('several', 1)
    const tools = JSON.parse(run?.Body ?? '{}').steps.filter(
      (step: { kind: string }) => step.kind === 'tool',
    )
    expect(
      tools.map(({ name, output }: { name: string; output: string | null }) => [name, output]),
    ).toEqual([
      ['one', 'of one'],
      ['two', 'of two'],
      ['three', null],
    ])
  })

  test.each([
    ['no JSON', 'not json', 'not valid JSON'],
    ['no rows', { a: 1 }, 'expected array'],
    ['rows without a reward', [{ task_id: 1, traj: [{ role: 'user', content: 'x' }] }], '0.reward'],
  ])('refuses a file with %s and says where', async (_, content, reason) => {
    const path = file('bad.json', content)
    await expect(importTauBench(path, OPTIONS, system.services)).rejects.toThrow(reason)
  })

  test('refuses a file that is not there', async () => {
    await expect(importTauBench('/nowhere.json', OPTIONS, system.services)).rejects.toThrow(
      'file-unreadable',
    )
  })
})

const otlpSpan = (traceId: string, spanId: string) => ({
  traceId,
  spanId,
  name: 'invoke_agent otlp',
  startTimeUnixNano: '1793527200000000000',
  endTimeUnixNano: '1793527201000000000',
  attributes: [
    { key: 'gen_ai.operation.name', value: { stringValue: 'invoke_agent' } },
    { key: 'gen_ai.agent.name', value: { stringValue: 'otlp' } },
  ],
})
const traces = (traceId: string) => ({
  resourceSpans: [{ scopeSpans: [{ spans: [otlpSpan(traceId, '00000000000000a1')] }] }],
})
const logs = (traceId: string) => ({
  resourceLogs: [
    {
      scopeLogs: [
        {
          logRecords: [1, 2].map((value) => ({
            traceId,
            spanId: '00000000000000a1',
            timeUnixNano: '1793527201000000000',
            eventName: 'gen_ai.evaluation.result',
            attributes: [
              { key: 'gen_ai.evaluation.name', value: { stringValue: `judge ${value}` } },
              { key: 'gen_ai.evaluation.score.value', value: { doubleValue: 0 } },
            ],
          })),
        },
      ],
    },
  ],
})

describe('an import of OTLP/JSON', () => {
  test.each([
    [
      'one request a line',
      '1',
      (id: string) => `${JSON.stringify(traces(id))}\n\n${JSON.stringify(logs(id))}\n`,
    ],
    ['an array of requests', '2', (id: string) => [logs(id), traces(id)]],
    [
      'requests over several lines',
      '3',
      (id: string) => JSON.stringify([traces(id), logs(id)], null, 2),
    ],
    ['spans and log records in one object', '6', (id: string) => ({ ...traces(id), ...logs(id) })],
    [
      'lines as Windows writes them',
      '7',
      (id: string) => `\ufeff${JSON.stringify(traces(id))}\r\n${JSON.stringify(logs(id))}\r\n`,
    ],
  ])(
    'takes %s, traces and logs mixed, and changes nothing the second time',
    async (_, digit, content) => {
      const traceId = digit.repeat(32)
      const path = file(`otlp-${digit}.json`, content(traceId))
      const imported = await importOtlpJson(path, system.services)
      expect(imported).toEqual({ traceIds: [traceId], sent: 2, skipped: 0 })
      await expect
        .poll(
          async () => (await runs('otlp')).find(({ TraceId }) => TraceId === traceId)?.Outcome,
          {
            timeout: 20_000,
          },
        )
        .toBe('fail')
      const before = await runs('otlp')
      expect(await importOtlpJson(path, system.services)).toMatchObject({ sent: 1, skipped: 1 })
      await expect
        .poll(() =>
          system.rows(`SELECT count() AS n FROM otel_logs FINAL WHERE TraceId = '${traceId}'`),
        )
        .toEqual([{ n: '2' }])
      expect(await runs('otlp')).toEqual(before)
    },
  )

  test('takes one request that is the whole file', async () => {
    const path = file('one.json', JSON.stringify(traces('4'.repeat(32)), null, 2))
    expect(await importOtlpJson(path, system.services)).toMatchObject({ sent: 1 })
  })

  test('names the line that is no export request', async () => {
    const path = file('bad.jsonl', `${JSON.stringify(traces('5'.repeat(32)))}\n{"spans":[]}\n`)
    await expect(importOtlpJson(path, system.services)).rejects.toThrow('bad.jsonl:2')
  })
})
