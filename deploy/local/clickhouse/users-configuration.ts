export interface Login {
  readonly user: string
  readonly password: string
}

const escaped = (text: string): string =>
  text.replace(/[<>&'"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** The server's configuration with one user, who may do everything; the program has no users by SQL. */
export const usersConfiguration = ({ user, password }: Login, usersFile: string): Files => ({
  server: `<clickhouse>
  <users_config>${escaped(usersFile)}</users_config>
</clickhouse>
`,
  users: `<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users>
    <default><no_password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
    <${user}><password>${escaped(password)}</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota><access_management>1</access_management></${user}>
  </users>
</clickhouse>
`,
})

interface Files {
  readonly server: string
  readonly users: string
}
