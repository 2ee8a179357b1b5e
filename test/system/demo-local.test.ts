import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { kafkaIsMissing } from '../support/local-kafka.ts'
import { command } from '../support/outside.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const MAIN = fileURLToPath(new URL('../../deploy/cli/main.ts', import.meta.url))

const missing = await kafkaIsMissing('the demonstration on Kafka and ClickHouse')

test.skipIf(missing)(
  'all of the demonstration happens on Kafka and ClickHouse, a process for each role',
  async () => {
    const { folder, remove } = temporaryFolder()
    const { code, stdout, output } = await command(
      process.execPath,
      [MAIN, 'demo', '--local', '--json'],
      { cwd: folder },
    )
    remove()
    expect(code, output).toBe(0)
    const { cycles, decisions } = JSON.parse(stdout)
    expect(cycles.some(({ outcome }: { outcome: string }) => outcome === 'RolledBack')).toBe(true)
    expect(decisions.map(({ decision }: { decision: string }) => decision)).toEqual(
      expect.arrayContaining(['reject', 'canary', 'promote', 'rollback']),
    )
  },
)
