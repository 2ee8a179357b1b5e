import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listRuns, type RunPlace } from '../../../controller/api/list-runs.ts'
import { equals, where } from '../../../controller/api/where.ts'
import { msOfStoreTime, storeTime } from '../../../schemas/tables.ts'
import { aRunRow } from '../../support/a-run-row.ts'
import { openTestContext, type TestContext } from '../../support/open-test-context.ts'

const BASE_MS = Date.parse('2026-03-01T10:00:00Z')
let context: TestContext
beforeAll(async () => {
  context = await openTestContext()
})
afterAll(() => context.close())

/** Revisions that begin at other times, end otherwise, or change neither. */
const revisions = fc.array(
  fc.record({
    run: fc.integer({ min: 0, max: 12 }),
    start: fc.integer({ min: 0, max: 6 }),
    failed: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
)

const idsOf = (rows: readonly { readonly TraceId: string }[]): readonly string[] =>
  rows.map(({ TraceId }) => TraceId)

const insertInTurn = async (
  agent: string,
  all: readonly { readonly run: number; readonly start: number; readonly failed: boolean }[],
): Promise<void> => {
  const rows = all.map(({ run, start, failed }, n) =>
    aRunRow(run, {
      TraceId: `${agent}${run}`,
      Agent: agent,
      startedMs: BASE_MS + start,
      Outcome: failed ? 'fail' : 'pass',
      AssembledThrough: storeTime(BASE_MS + n),
    }),
  )
  const middle = Math.floor(rows.length / 2)
  await context.store.insert('neosigma_runs', rows.slice(0, middle))
  await context.store.insert('neosigma_runs', rows.slice(middle))
}

const readInPages = async (agent: string, limit: number): Promise<readonly string[]> => {
  const read: string[] = []
  for (let place: RunPlace | null = null; ; ) {
    const page = await listRuns(context.store, {
      conditions: [equals('Agent', agent), equals('Outcome', 'fail')],
      ...{ place, limit },
    })
    read.push(...idsOf(page))
    const last = page.at(-1)
    if (last === undefined || page.length < limit) return read
    place = [msOfStoreTime(last.StartedAt), last.TraceId]
  }
}

test('pages of any size together are the runs as they are now, each once, newest first', async () => {
  let number = 0
  await fc.assert(
    fc.asyncProperty(revisions, fc.integer({ min: 1, max: 20 }), async (all, limit) => {
      const agent = `agent-${number++}-`
      await insertInTurn(agent, all)
      const { sql, parameters } = where([equals('Agent', agent), equals('Outcome', 'fail')])
      const expected = await context.store.query<{ readonly TraceId: string }>(
        `SELECT TraceId FROM neosigma_runs FINAL ${sql} ORDER BY StartedAt DESC, TraceId DESC`,
        parameters,
      )
      expect(await readInPages(agent, limit)).toEqual(idsOf(expected))
    }),
    { numRuns: 40 },
  )
})

test('more superseded rows than one look finds do not end a page', async () => {
  for (let round = 0; round < 6; round++)
    await insertInTurn(
      'moved-',
      Array.from({ length: 20 }, (_, run) => ({ run, start: 100 - round * 10, failed: true })),
    )
  expect(await readInPages('moved-', 3)).toHaveLength(20)
})
