export interface Login {
  readonly user: string
  readonly password: string
  /** Settings that hold for the user, as `readonly` or `max_memory_usage`. */
  readonly settings?: Readonly<Record<string, number>>
  /** What the user may use in an interval: `duration` in seconds, and limits as `written_bytes`. */
  readonly quota?: Readonly<Record<string, number>>
  /** What the user may do, as `SELECT ON otel.*`. Default: everything. */
  readonly grants?: readonly string[]
}

const escaped = (text: string): string =>
  text.replace(/[<>&'"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

const element = (name: string, content: string): string => `<${name}>${content}</${name}>`

const members = (values: Readonly<Record<string, number>> = {}): string =>
  Object.entries(values)
    .map(([name, value]) => element(name, String(value)))
    .join('')

/**
 * The server's configuration with these users; the program has none by SQL. The user `default` may do everything, from
 * this machine.
 */
export const usersConfiguration = (
  logins: readonly Login[],
  usersFile: string,
  configuration = '',
): Files => ({
  server: `<clickhouse>
${logins.length === 0 ? '' : element('users_config', escaped(usersFile))}
${configuration}
</clickhouse>
`,
  users: element(
    'clickhouse',
    element('profiles', `<default/>${logins.map(profileOf).join('')}`) +
      element('quotas', `<default/>${logins.map(quotaOf).join('')}`) +
      element(
        'users',
        '<default><no_password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>' +
          logins.map(userOf).join(''),
      ),
  ),
})

const profileOf = ({ user, settings }: Login): string => element(`of_${user}`, members(settings))

const quotaOf = ({ user, quota }: Login): string =>
  element(`of_${user}`, quota === undefined ? '' : element('interval', members(quota)))

const userOf = ({ user, password, grants }: Login): string =>
  element(
    user,
    element('password', escaped(password)) +
      element('networks', '<ip>::/0</ip>') +
      element('profile', `of_${user}`) +
      element('quota', `of_${user}`) +
      (grants === undefined
        ? element('access_management', '1')
        : element('grants', grants.map((grant) => element('query', `GRANT ${grant}`)).join(''))),
  )

interface Files {
  readonly server: string
  readonly users: string
}
