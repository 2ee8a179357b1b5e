import type { AddressInfo, Server } from 'node:net'
import { ConfigError } from '../../schemas/errors.ts'

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** The environment variable that changes the port, for the message. */
  readonly variable: string
}

/** Listens and answers the port, which differs from the one asked for when that was 0. @throws ConfigError */
export const listen = (server: Server, { host, port, variable }: ListenOptions): Promise<number> =>
  new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => {
      const place = `${host}:${port} (${variable})`
      reject(
        error.code === 'EADDRINUSE'
          ? new ConfigError('port-in-use', `cannot listen on ${place}`, { cause: error })
          : new ConfigError('config-invalid', `cannot listen on ${place}: ${error.message}`, {
              cause: error,
            }),
      )
    }
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      resolve((server.address() as AddressInfo).port)
    })
  })
