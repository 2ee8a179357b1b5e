import type { Command } from 'commander'
import { systemClock } from '../../../pipeline/service-runtime/clock.ts'
import type { LoadedConfiguration } from '../../../pipeline/service-runtime/load-config.ts'
import { NeoSigmaError } from '../../../schemas/errors.ts'
import { type CommonOptions, load, newCommand } from '../cli.ts'
import { CommandStatus } from '../command-status.ts'
import { type Check, fail, ok } from '../doctor/check.ts'
import { checkDisk, checkFolder, checkNode, checkPorts } from '../doctor/host-checks.ts'
import { checkModel } from '../doctor/model-check.ts'
import { checkSystem } from '../doctor/system-checks.ts'
import { EXIT, exitCodeOf } from '../exit-codes.ts'
import { findSystem } from '../find-system.ts'
import { printJsonArray } from '../output.ts'
import { printTable } from '../print-listing.ts'
import type { Column } from '../text-table.ts'
import { withApi } from '../with-api.ts'

const COLUMNS: readonly Column<Check>[] = [
  { title: '', value: ({ status }) => ({ ok: '✓', warn: '!', fail: '✗' })[status] },
  { title: 'CHECK', value: ({ name }) => name },
  { title: 'FOUND', value: ({ detail }) => detail },
  { title: 'WHAT TO DO', value: ({ advice }) => advice },
]

export const doctorCommand = (): Command =>
  newCommand('doctor', 'Look for what keeps NeoSigma from working, and say what to do', [
    'neosigma doctor',
    'neosigma doctor --json | jq "map(select(.status != \\"ok\\"))"',
  ])
    .option('--json', 'one JSON array of the checks on standard output')
    .action(async (options: CommonOptions & { readonly json?: true }) => {
      // The checks of the configuration are those of `load`: all problems at once, exit status 78.
      const checks = await runChecks(load(options))
      if (options.json) await printJsonArray(each(checks))
      else await printTable(COLUMNS, each(checks), '')
      if (checks.some(({ status }) => status === 'fail')) throw new CommandStatus(EXIT.unavailable)
    })

const runChecks = async (loaded: LoadedConfiguration): Promise<readonly Check[]> => {
  const { configuration } = loaded
  const folder = checkFolder(configuration)
  const host = [checkNode(process.version), ok('configuration', 'valid'), folder]
  if (folder.status === 'fail') return host
  const found = await findSystem(loaded)
  const ports =
    found === null ? await checkPorts(configuration) : [ok('system', `runs at ${found.url}`)]
  return [
    ...host,
    checkDisk(configuration),
    ...ports,
    ...(await engineChecks(loaded)),
    await checkModel(loaded),
  ]
}

/** The running system's engines; where none runs, they are opened here. */
const engineChecks = async (loaded: LoadedConfiguration): Promise<readonly Check[]> => {
  try {
    return await withApi(loaded, (api) => checkSystem(api, () => systemClock.nowMs()))
  } catch (error) {
    if (!(error instanceof NeoSigmaError)) throw error
    return [
      fail(
        'engines',
        error.message,
        `See the message (a command would end with ${exitCodeOf(error)}).`,
      ),
    ]
  }
}

async function* each(checks: readonly Check[]): AsyncGenerator<Check> {
  yield* checks
}
