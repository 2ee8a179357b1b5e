import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ConfigError } from '../../../schemas/errors.ts'
import type { KeyStore } from './server-properties.ts'

export interface Certificate {
  readonly keyStore: KeyStore
  /** What clients are to trust (PEM). */
  readonly caFile: string
}

/** It keeps nobody out: the file lies beside it. */
const PASSWORD = 'loopback'

/**
 * A certificate for 127.0.0.1 and localhost that the broker has signed itself, by Java's keytool.
 * @throws ConfigError `tool-missing`
 */
export const makeCertificate = async (folder: string): Promise<Certificate> => {
  const file = join(folder, 'broker.p12')
  const caFile = join(folder, 'broker.pem')
  const store = ['-alias', 'broker', '-keystore', file, '-storepass', PASSWORD]
  const names = ['-dname', 'CN=localhost', '-ext', 'san=ip:127.0.0.1,dns:localhost']
  const key = ['-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '3650']
  if (!existsSync(caFile)) {
    await keytool(['-genkeypair', '-storetype', 'PKCS12', ...store, ...names, ...key])
    await keytool(['-exportcert', '-rfc', '-file', caFile, ...store])
  }
  return { keyStore: { file, password: PASSWORD }, caFile }
}

const keytool = async (args: readonly string[]): Promise<void> => {
  try {
    await promisify(execFile)('keytool', args)
  } catch (cause) {
    throw new ConfigError('tool-missing', `keytool of Java made no certificate: ${cause}`, {
      cause,
    })
  }
}
