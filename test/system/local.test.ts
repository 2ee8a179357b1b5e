import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { kafkaIsMissing } from '../support/local-kafka.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const MAIN = fileURLToPath(new URL('../../deploy/local/main.ts', import.meta.url))
const ROLES = ['receiver', 'writer', 'runs', 'miner', 'controller', 'monitor', 'api']

const missing = await kafkaIsMissing('the whole system as processes of their own')

test.skipIf(missing)(
  'one command starts it all and says where, one Ctrl-C ends it all',
  async () => {
    const { folder, remove } = temporaryFolder()
    // A group of its own, as a shell gives it; Ctrl-C reaches the group.
    const system = spawn(process.execPath, [MAIN, '--free-ports', '--data-dir', folder], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => {
      if (system.exitCode === null) system.kill('SIGTERM')
      remove()
    })
    let words = ''
    system.stdout.on('data', (chunk) => {
      words += String(chunk)
    })
    const ended = once(system, 'exit')
    while (!words.includes('Ctrl-C')) {
      const next = await Promise.race([once(system.stdout, 'data'), ended.then(() => null)])
      expect(next, words).not.toBeNull()
    }
    const urls = [...words.matchAll(/^ {4}(\w+) +(http\S+)$/gmu)]
    expect(urls.map(([, role]) => role)).toEqual(ROLES)
    const [, api] = /API +(\S+)/u.exec(words) ?? []
    const [, clickhouse] = /ClickHouse +([^\s,]+)/u.exec(words) ?? []
    const doors = [...urls.map(([, , url]) => url), `${api}/v1/clusters`, `${clickhouse}/ping`]
    for (const door of doors) expect((await fetch(String(door))).status, door).toBe(200)

    process.kill(-(system.pid ?? 0), 'SIGINT')
    expect(await ended).toEqual([0, null])
    for (const door of doors)
      await expect(fetch(String(door)), door).rejects.toThrow('fetch failed')
  },
)
