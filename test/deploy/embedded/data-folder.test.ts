import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { holdDataFolder } from '../../../deploy/embedded/data-folder.ts'
import { ConfigError } from '../../../schemas/errors.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const aFolder = (): string => {
  const { folder, remove } = temporaryFolder()
  onTestFinished(remove)
  return folder
}
const lockOf = (folder: string): string => join(folder, 'neosigma.lock')
const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'none'
  } catch (error) {
    return error instanceof ConfigError ? error.code : String(error)
  }
}

test('a folder is made, held by one, and free again after the release', () => {
  const folder = join(aFolder(), 'new', 'below')
  const held = holdDataFolder(folder)
  expect(codeOf(() => holdDataFolder(folder))).toBe('data-folder-in-use')
  held.release()
  expect(existsSync(lockOf(folder))).toBe(false)
  holdDataFolder(folder).release()
})

test('the lock of a process that is gone is taken over', () => {
  const folder = aFolder()
  const { pid } = spawnSync('true')
  writeFileSync(lockOf(folder), JSON.stringify({ ...ownLock(folder), pid, startedTicks: null }))
  holdDataFolder(folder).release()
})

test.runIf(existsSync('/proc/self/stat'))(
  'a process number that was given again is told apart by the time of its start',
  () => {
    const folder = aFolder()
    writeFileSync(lockOf(folder), JSON.stringify({ ...ownLock(folder), startedTicks: '1' }))
    holdDataFolder(folder).release()
  },
)

test.each(['', '{', '{"pid": 1}'])('a lock that says nothing (%j) is taken over', (text) => {
  const folder = aFolder()
  writeFileSync(lockOf(folder), text)
  holdDataFolder(folder).release()
})

test('a folder that cannot be made is refused', () => {
  const file = join(aFolder(), 'file')
  writeFileSync(file, '')
  expect(codeOf(() => holdDataFolder(join(file, 'data')))).toBe('data-folder-unusable')
})

test.runIf(existsSync('/proc/self/stat'))(
  'a folder where none can be made, by no right, is refused and not tried for ever',
  () => {
    expect(codeOf(() => holdDataFolder('/proc/neosigma/data'))).toBe('data-folder-unusable')
  },
)

/** What this process writes. */
const ownLock = (folder: string): object => {
  const held = holdDataFolder(folder)
  const content = JSON.parse(readFileSync(lockOf(folder), 'utf8')) as object
  held.release()
  return content
}
