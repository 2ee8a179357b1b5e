import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import {
  isProcessGone,
  thisProcess,
} from '../../../../pipeline/event-log/sqlite/process-identity.ts'

test('a process is gone when it ended on this host; of other hosts nothing is known', async () => {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'])
  const pid = child.pid ?? 0
  expect(isProcessGone({ ...thisProcess, pid })).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isProcessGone({ ...thisProcess, pid })).toBe(true)
  expect(isProcessGone({ host: 'elsewhere', pid })).toBe(false)
})

test('this process is there', () => {
  expect(isProcessGone(thisProcess)).toBe(false)
})
