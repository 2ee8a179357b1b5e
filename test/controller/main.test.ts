import { afterEach, expect, test } from 'vitest'
import { startController } from '../../controller/main.ts'
import type { Role } from '../../pipeline/service-runtime/role.ts'
import { aRanking, aShop, type PolicyInput, type ShopFolder } from '../support/a-shop.ts'
import {
  appendEvent,
  eventually,
  publishRanking,
  readCycleEvents,
  readDecisions,
} from '../support/controller-topics.ts'
import { openTestContext, type TestContext } from '../support/open-test-context.ts'

let shop: ShopFolder
let context: TestContext
let controller: Role

const open = async (policy: PolicyInput = {}): Promise<void> => {
  shop = aShop(policy)
  context = await openTestContext({ configuration: shop.configuration })
  controller = await startController(context)
}

afterEach(async () => {
  await controller.stop()
  await context.close()
  shop.remove()
})

const decisionsOnce = (n: number) =>
  eventually(async () => {
    const found = await readDecisions(context.log)
    return found.length >= n && found
  })

test('a tempting change is turned down, a narrower one goes out in shares and is promoted', async () => {
  await open()
  await publishRanking(context.log, aRanking())
  const [reject, canary] = await decisionsOnce(2)
  expect([reject?.decision, canary?.decision]).toEqual(['reject', 'canary'])
  for (const weight of [0.2, 0.5]) {
    const n = (await readDecisions(context.log)).length
    await appendEvent(context.log, {
      type: 'release-judged',
      cycleId: 'shop-1',
      agent: 'shop',
      at: new Date().toISOString(),
      digest: canary?.toVersion ?? '',
      verdict: weight === 0.5 ? 'promote' : 'step',
      weight,
      evidence: [],
      reason: 'not worse',
    })
    await decisionsOnce(n + 1)
  }
  const last = await eventually(async () =>
    (await readCycleEvents(context.log)).find(({ type }) => type === 'cycle-finished'),
  )
  expect(last).toMatchObject({ outcome: 'Deployed' })
  expect((await readDecisions(context.log)).map(({ decision }) => decision)).toEqual([
    'reject',
    'canary',
    'canary',
    'promote',
  ])
})
