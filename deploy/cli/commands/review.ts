import { userInfo } from 'node:os'
import { type Command, InvalidArgumentError } from 'commander'
import { type CommonOptions, load, newCommand } from '../cli.ts'
import { print } from '../output.ts'
import { withApi } from '../with-api.ts'

interface WishOptions extends CommonOptions {
  readonly comment?: string
  readonly reviewer: string
  readonly json?: true
}

/** The user of this machine, if it has a name. */
const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}

const withWho = (command: Command): Command =>
  command
    .option('--comment <text>', 'why, for the audit')
    .option('--reviewer <name>', 'who decides', userName())
    .option('--json', 'the answer as one JSON object on standard output')

const reviewCommand = (verb: 'approve' | 'reject', done: string, description: string): Command =>
  withWho(
    newCommand(verb, description, [
      'neosigma decisions --decision pending-review',
      `neosigma ${verb} DECISION_ID --comment "read the diff" --reviewer ada`,
    ]),
  )
    .argument('<decision-id>', 'id of a decision that waits for a review')
    .action((id: string, options: WishOptions) =>
      wish(options, {
        path: `/v1/decisions/${encodeURIComponent(id)}/${verb}`,
        body: {},
        done: `${done} ${id}`,
      }),
    )

export const approveCommand = (): Command =>
  reviewCommand('approve', 'Approved', 'Approve a change that waits for a review')

export const rejectCommand = (): Command =>
  reviewCommand('reject', 'Rejected', 'Reject a change that waits for a review')

export const rollbackCommand = (): Command =>
  withWho(
    newCommand('rollback', 'Take an agent back to an earlier version; needs no model and no test', [
      'neosigma rollback airline --comment "complaints about refunds"',
      'neosigma rollback airline --to sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
    ]),
  )
    .argument('<agent>', 'name of the agent')
    .option('--to <digest>', 'version to go back to (default: the one before)', digestArgument)
    .action((agent: string, options: WishOptions & { readonly to?: string }) =>
      wish(options, {
        path: `/v1/agents/${encodeURIComponent(agent)}/rollback`,
        body: options.to === undefined ? {} : { to: options.to },
        done: `Asked to roll ${agent} back`,
      }),
    )

const digestArgument = (text: string): string => {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return text
  throw new InvalidArgumentError(
    'It must be sha256: and 64 hex digits, as in `neosigma decisions`.',
  )
}

interface Wish {
  readonly path: string
  readonly body: object
  readonly done: string
}

const wish = async (options: WishOptions, { path, body, done }: Wish): Promise<void> => {
  const { reviewer, comment } = options
  const full = { reviewer, ...(comment === undefined ? {} : { comment }), ...body }
  await withApi(load(options), async (api, isRunning) => {
    const answer = await api.post<object>(path, full)
    const when = isRunning
      ? 'the controller acts on it now'
      : 'the controller acts on it at its next start'
    await print(options.json ? `${JSON.stringify(answer)}\n` : `${done}; ${when}.\n`)
  })
}
