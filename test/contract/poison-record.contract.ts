import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { EventLog } from '../../pipeline/event-log/event-log.ts'
import type { ConfigurationInput } from '../../pipeline/service-runtime/configuration.ts'
import { decodeEvent } from '../../schemas/cloud-event.ts'
import type { DeadLetter } from '../../schemas/operation-events.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { aTopic, numbered } from '../support/log-reading.ts'
import { startLogChild } from '../support/start-log-child.ts'

export interface PoisonDriver {
  readonly name: string
  readonly settings: () => ConfigurationInput
  readonly open: () => Promise<EventLog>
}

const POISON = 13
const RECORDS = 40

/** The ways in which a record ends a process, and after how many starts it must be behind. */
const WAYS = [
  ['throw', 2, 'invites an error that nobody expected'],
  ['exit', 8, 'ends the process by process.exit'],
  ['kill', 8, 'ends the process without a word'],
] as const

/** A record that ends its consumer does not do so for ever, on any driver, and costs nothing but itself. */
export const describePoisonRecord = ({ name, settings, open }: PoisonDriver): void => {
  test.each(WAYS)(
    `${name}: a record by which a process ends (%s) is passed over by start %i at the latest, and nothing else is lost`,
    async (how, starts) => {
      const log = await open()
      await log.createTopics([TOPICS.attempts, TOPICS.deadLetter])
      const topic = await aTopic(log, 1)
      const group = `neosigma-${randomUUID()}`
      await log.append(numbered(topic, RECORDS))
      const said: unknown[] = []
      for (let start = 1; !(await isDone(log, group)); start++) {
        expect(start).toBeLessThanOrEqual(starts)
        const child = startLogChild({
          configuration: settings(),
          act: 'guard',
          topic,
          group,
          poison: String(POISON),
          how,
          // A supervisor that starts it again each minute.
          aheadMs: start * 60_000,
        })
        await Promise.race([child.ended, untilDone(log, group)])
        await child.end('SIGKILL')
        said.push(...child.said)
      }
      const handled = said.flatMap((line) => (line as { values: string[] }).values.map(Number))
      const expected = Array.from({ length: RECORDS }, (_, i) => i).filter((i) => i !== POISON)
      expect([...new Set(handled)].sort((a, b) => a - b)).toEqual(expected)
      const letters = await lettersOf(log, topic)
      expect(letters).toMatchObject([
        {
          code: 'record-poisonous',
          offset: String(POISON),
          valueBase64: Buffer.from(String(POISON)).toString('base64'),
          reason: expect.stringContaining(how === 'throw' ? 'planted' : 'without a word'),
        },
      ])
      await log.close()
    },
  )
}

const isDone = async (log: EventLog, group: string): Promise<boolean> => {
  const lags = await log.lag(group).catch(() => [])
  return lags.length > 0 && lags.every(({ committed, end }) => committed === end)
}

const untilDone = async (log: EventLog, group: string): Promise<void> => {
  while (!(await isDone(log, group))) await pause(100)
}

const lettersOf = async (log: EventLog, topic: string): Promise<readonly DeadLetter[]> => {
  const letters: DeadLetter[] = []
  for await (const record of log.readAll(TOPICS.deadLetter.name))
    letters.push(decodeEvent(TOPICS.deadLetter, record))
  return letters.filter((letter) => letter.topic === topic)
}
