import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'
import { openTraceStore } from '../../../pipeline/trace-store/open-trace-store.ts'
import type { TraceStore } from '../../../pipeline/trace-store/trace-store.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const open = (dataDir: string): Promise<TraceStore> =>
  openTraceStore({ traceStore: { driver: 'chdb' }, dataDir }, NO_SECRETS)

const newFolder = (): string => {
  const { folder, remove } = temporaryFolder()
  onTestFinished(remove)
  return folder
}

test('a second folder in one process is refused while the first is open', async () => {
  const store = await open(newFolder())
  await expect(open(newFolder())).rejects.toMatchObject({ code: 'data-folder-unusable' })
  await store.close()
})

test('a folder that cannot be made is refused with its path', async () => {
  const file = join(newFolder(), 'file')
  writeFileSync(file, '')
  await expect(open(join(file, 'data'))).rejects.toMatchObject({
    code: 'data-folder-unusable',
    detail: expect.stringContaining(file),
  })
})

test('what is stored is there when the folder is opened again', async () => {
  const folder = newFolder()
  const store = await open(folder)
  await store.command('CREATE TABLE kept (X UInt8) ENGINE = MergeTree ORDER BY X')
  await store.insert('kept', [{ X: 7 }])
  await store.close()
  const again = await open(folder)
  expect(await again.query('SELECT X FROM kept')).toEqual([{ X: 7 }])
  await again.close()
})
