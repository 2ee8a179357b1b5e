import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteEventLog } from '../../../../pipeline/event-log/sqlite-event-log.ts'
import {
  aTopic,
  eventually,
  numbered,
  numbersOf,
  startReading,
  testServices,
  upTo,
} from '../../../support/log-reading.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const openTwo = () => {
  const { folder, remove } = temporaryFolder()
  const logs = [1, 2].map(() =>
    openSqliteEventLog({ dataDir: folder, maxBytes: 1e9 }, testServices()),
  )
  onTestFinished(async () => {
    await Promise.all(logs.map((log) => log.close()))
    remove()
  })
  const [one, two] = logs as [(typeof logs)[0], (typeof logs)[0]]
  return { folder, one, two }
}

test('a partition that stays goes on where it was, though nothing of it was committed', async () => {
  const { one, two } = openTwo()
  const topic = await aTopic(one, 2)
  await one.append(numbered(topic, 40))
  const options = { group: 'g', topics: [topic] }
  const first = startReading(one, options, async () => {})
  await eventually(() => first.records.length === 40)
  const second = startReading(two, options, async () => {})
  await eventually(() => first.owned().length === 1 && second.owned().length === 1)
  await one.append(numbered(topic, 40, 7, 40))
  const moved = second.owned()[0]
  const stays = () => first.records.filter(({ partition }) => partition !== moved)
  // What moved was not committed: the new owner is given all of it.
  await eventually(() => second.records.length + stays().length >= 80)
  expect(numbersOf([...second.records, ...stays()])).toEqual(upTo(80))
})

test('a log that is closed has left its groups, whoever was reading', async () => {
  const { folder, one } = openTwo()
  const topic = await aTopic(one, 2)
  await one.append(numbered(topic, 10))
  const held = Promise.withResolvers<void>()
  const reading = startReading(one, { group: 'g', topics: [topic] }, async (batch) => {
    await held.promise
    expect(await batch.commit()).toBe(false)
  })
  await eventually(() => reading.records.length > 0)
  await one.close()
  const file = new DatabaseSync(join(folder, 'event-log.sqlite'))
  expect(file.prepare('SELECT count(*) AS n FROM member').get()).toEqual({ n: 0 })
  expect(
    file.prepare('SELECT count(*) AS n FROM ownership WHERE member_id IS NOT NULL').get(),
  ).toEqual({ n: 0 })
  file.close()
  held.resolve()
  await reading.ended
})
