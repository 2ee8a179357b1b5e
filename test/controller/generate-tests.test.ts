import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startController } from '../../controller/main.ts'
import { agentConfig } from '../../schemas/agent-config.ts'
import { storeTime } from '../../schemas/tables.ts'
import { task } from '../../schemas/task.ts'
import { aDiagnosis } from '../support/a-search.ts'
import { aCluster, aRanking, aShop } from '../support/a-shop.ts'
import {
  eventually,
  finishedOnce,
  publishRanking,
  readCycleEvents,
  readEvaluations,
} from '../support/controller-topics.ts'
import { failureRun } from '../support/failure-run.ts'
import { openTestContext } from '../support/open-test-context.ts'

const FENCED = '```json\n{"status":"done"}\n```'
const tickets = (n: number) =>
  Array.from({ length: n }, (_, i) =>
    task.parse({
      id: `ticket-${i}`,
      taskType: i < n / 2 ? 'ticket' : 'note',
      input: i < n / 2 ? `Ticket ${i}` : `plain note ${i}`,
      scorers: [{ type: 'json-schema', schema: { type: 'object' } }],
    }),
  )

test('tests made from a harness failure join the fix tasks, but only those that runs have verified', async () => {
  const shop = aShop({ release: { canary: false }, gate: { autoDeployUpTo: 'high' } }, tickets(90))
  const agent = new URL('./fixtures/json-agent.mjs', import.meta.url).pathname
  copyFileSync(agent, join(shop.folder, 'agent.mjs'))
  const config = agentConfig.parse({
    prompts: { main: [{ id: 'role', text: 'Answer tickets as JSON.' }] },
    output: { format: 'json' },
  })
  writeFileSync(join(shop.folder, 'config.json'), JSON.stringify(config))
  const context = await openTestContext({ configuration: shop.configuration })
  // Of the first the agent still fails the test, of the second it does not any more.
  const runs = ['a ticket that was fenced', 'plain ticket of the past'].map((input, i) =>
    failureRun(i, [], { agent: 'shop', input, output: FENCED }),
  )
  await context.store.insert(
    'neosigma_runs',
    runs.map((run) => ({
      TraceId: run.traceId,
      Revision: run.revision,
      Agent: 'shop',
      AssembledThrough: storeTime(0),
      StartedAt: storeTime(Date.parse(run.startedAt)),
      EndedAt: storeTime(Date.parse(run.endedAt)),
      Outcome: 'fail',
      Score: 0,
      Body: JSON.stringify(run),
    })),
  )
  const controller = await startController(context)
  const cluster = aCluster({
    taskType: 'ticket',
    exampleTraceIds: runs.map(({ traceId }) => traceId),
    diagnosis: aDiagnosis({ rootCauseType: 'harness', component: 'output', rule: '' }),
  })
  await publishRanking(context.log, aRanking([cluster]))
  const prepared = await eventually(async () =>
    (await readCycleEvents(context.log)).find((event) => event.type === 'suite-prepared'),
  )
  const generated = prepared.tasks.filter(({ origin }) => origin === 'generated')
  expect(generated).toMatchObject([{ input: 'a ticket that was fenced', split: 'fix' }])
  expect(prepared.generated).toBe(1)
  const verifying = (await readEvaluations(context.log)).filter(({ stage }) => stage === 'verify')
  expect(prepared.agentRuns).toBe(verifying.length)
  const [end] = await finishedOnce(context.log, 1)
  expect(end).toMatchObject({ outcome: 'Deployed' })
  await controller.stop()
  await context.close()
  shop.remove()
})
