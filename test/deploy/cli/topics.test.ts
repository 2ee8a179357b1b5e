import { expect, onTestFinished, test } from 'vitest'
import { TOPICS } from '../../../schemas/topics.ts'
import { runCli } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

test('topics are missing, are made, and are then as they should be', async () => {
  const { folder, remove } = temporaryFolder()
  onTestFinished(remove)
  const topics = (...args: readonly string[]) => runCli(['topics', ...args], { dataDir: folder })
  const missing = await topics('check', '--json')
  expect(missing.status).toBe(1)
  expect(JSON.parse(missing.stdout)).toHaveLength(Object.keys(TOPICS).length)
  const made = await topics('create')
  expect(made).toMatchObject({ status: 0 })
  for (const { name } of Object.values(TOPICS)) expect(made.stdout).toContain(name)
  expect(await topics('check')).toMatchObject({ status: 0, stdout: made.stdout })
})
