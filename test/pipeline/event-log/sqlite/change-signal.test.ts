import { getEventListeners } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type ChangeSignal,
  openChangeSignal,
} from '../../../../pipeline/event-log/sqlite/change-signal.ts'
import { type LogFile, openLogFile } from '../../../../pipeline/event-log/sqlite/log-file.ts'
import { openTopicTable } from '../../../../pipeline/event-log/sqlite/topic-table.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const NEVER_MS = 2 ** 30

describe('waiting for a change of the file', () => {
  let files: readonly LogFile[]
  let changes: ChangeSignal
  let remove: () => void
  const { signal } = new AbortController()
  beforeEach(() => {
    const temporary = temporaryFolder()
    remove = temporary.remove
    files = [1, 2].map(() => openLogFile(join(temporary.folder, 'log'), 1e9))
    changes = openChangeSignal(files[0] as LogFile)
  })
  afterEach(() => {
    changes.close()
    for (const file of files) file.close()
    remove()
  })

  test('ends with a change of this process, for everybody who waits', async () => {
    const waiting = [1, 2, 3].map(() => changes.wait(NEVER_MS, signal))
    changes.notify()
    await Promise.all(waiting)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('ends with a change that another process made, also one made while nobody waited', async () => {
    const change = (name: string): void =>
      openTopicTable(files[1] as LogFile).create([{ name, partitions: 1, retentionHours: null }])
    const waiting = changes.wait(NEVER_MS, signal)
    change('while somebody waits')
    await waiting
    change('while nobody waits')
    await changes.wait(NEVER_MS, signal)
  })

  test('ends after the time given, by the signal, and when the log is closed', async () => {
    await changes.wait(1, signal)
    await changes.wait(NEVER_MS, AbortSignal.abort())
    const stopping = new AbortController()
    const stopped = changes.wait(NEVER_MS, stopping.signal)
    stopping.abort()
    await stopped
    const closed = changes.wait(NEVER_MS, signal)
    changes.close()
    await closed
  })
})
