import type { LoadedConfiguration } from '../../pipeline/service-runtime/load-config.ts'
import { urlOf } from '../embedded/api-file.ts'
import type { RoleName } from '../embedded/roles.ts'
import type { FoundSystem } from './find-system.ts'
import { findOrOpen } from './with-api.ts'

const SENDING: readonly RoleName[] = ['receiver', 'api']
/** All that makes runs and rankings; nobody's agent is changed by an import. */
const RANKING: readonly RoleName[] = ['receiver', 'writer', 'runs', 'miner', 'api']

/**
 * Gives `use` the receiver and API of the running system. Where none runs, they are started here on free ports for the
 * time of the command; `whole` starts what assembles and ranks too.
 */
export const withReceiver = async <Result>(
  loaded: LoadedConfiguration,
  { whole }: { readonly whole: boolean },
  use: (system: FoundSystem) => Promise<Result>,
): Promise<Result> => {
  const opened = await findOrOpen(loaded, whole ? RANKING : SENDING)
  if ('running' in opened) return use(opened.running)
  const { own } = opened
  try {
    const failed = own.failed.then((error) => Promise.reject(error))
    const receiverUrl = urlOf('127.0.0.1', own.httpPort ?? 0)
    return await Promise.race([use({ url: own.url, receiverUrl }), failed])
  } finally {
    await own.stop()
  }
}
