import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { isEqual } from './figures.ts'
import { report } from './report.ts'
import { runDelivery } from './run-delivery.ts'

const KILLS = 5

test('killed at named points under load, the embedded system stores and counts everything that was sent, once', async () => {
  const { folder, remove } = temporaryFolder()
  onTestFinished(remove)
  const seed = process.env['NEOSIGMA_TEST_SEED'] ?? String(Date.now())
  const said: string[] = [`NEOSIGMA_TEST_SEED=${seed}`]
  const delivery = await runDelivery({
    engine: 'embedded',
    seed,
    kills: KILLS,
    folder: join(folder, 'delivery'),
    withFaults: false,
    budgetMs: 600_000,
    say: (text) => said.push(text),
  })
  process.stdout.write(`${said.join('\n')}\n${report(delivery)}\n`)
  expect(delivery.deaths).toHaveLength(KILLS)
  expect(delivery.figures?.filter((figure) => !isEqual(figure))).toEqual([])
  expect(delivery.figures?.find(({ what }) => what === 'runs')?.sent).toBeGreaterThan(20)
}, 300_000)
