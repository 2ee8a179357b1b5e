import { z } from 'zod'
import { ROLES, type RoleName } from '../../../deploy/embedded/roles.ts'
import type { Deployment, Manifests } from './manifests.ts'

/** A service of the Compose file, as far as Kubernetes says the same. */
export interface ComposeService {
  readonly image?: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly read_only?: boolean
  readonly stop_grace_period?: string
}
export type ComposeServices = Readonly<Record<string, ComposeService>>

const configMap = z.object({ data: z.record(z.string(), z.string()) })

/** In what the Deployments differ from the roles of the program and from their services in the Compose file. */
export const deploymentDifferences = (
  { deployments, resources }: Manifests,
  services: ComposeServices,
): readonly string[] => {
  const shared = configMap.parse(
    resources.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'neosigma'),
  ).data
  const extra = [...deployments.keys()].filter((name) => !ROLES.includes(name as RoleName))
  return [
    ...extra.map((name) => `${name} is no role`),
    ...ROLES.flatMap((role) => {
      const deployment = deployments.get(role)
      const service = services[role]
      if (deployment === undefined) return [`${role} has no Deployment`]
      if (service === undefined) return [`${role} has no service in Compose`]
      return roleDifferences(deployment, service, shared).map((text) => `${role}: ${text}`)
    }),
  ]
}

const roleDifferences = (
  deployment: Deployment,
  service: ComposeService,
  shared: Readonly<Record<string, string>>,
): readonly string[] => {
  const { containers, terminationGracePeriodSeconds } = deployment.spec.template.spec
  const [container] = containers
  const graceSeconds = Number.parseInt(service.stop_grace_period ?? '0', 10)
  const compared: readonly (readonly [string, unknown, unknown])[] = [
    ['command', container.args, service.command],
    ['image', container.image, service.image],
    ['root file system', container.securityContext.readOnlyRootFilesystem, service.read_only],
    ['ports', portsOf(container), publishedPorts(service)],
    ['environment', environmentOf(container, shared), givenIn(service)],
    ['time to stop is shorter', terminationGracePeriodSeconds < graceSeconds, false],
  ]
  return compared
    .map(([what, here, there]) => [what, JSON.stringify(here), JSON.stringify(there)] as const)
    .filter(([, here, there]) => here !== there)
    .map(([what, here, there]) => `${what} is ${here}, in Compose ${there}`)
}

type Container = Deployment['spec']['template']['spec']['containers'][number]

const portsOf = ({ ports }: Container): readonly number[] =>
  ports.filter(({ name }) => name !== 'health').map(({ containerPort }) => containerPort)

const publishedPorts = ({ ports = [] }: ComposeService): readonly number[] =>
  ports.map((port) => Number(port.split(':').at(-1)))

const SECRET = '(secret)'

/** What a role is given; a secret by its name alone. */
const environmentOf = (
  { env }: Container,
  shared: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  sorted(
    env.map(({ name, value, valueFrom }) => {
      const { configMapKeyRef, secretKeyRef } = valueFrom ?? {}
      if (secretKeyRef !== undefined) return [name, SECRET]
      if (configMapKeyRef === undefined) return [name, value ?? '(nothing)']
      return [name, shared[configMapKeyRef.key] ?? `(no key ${configMapKeyRef.key})`]
    }),
  )

const SECRETS = new Set(['CLICKHOUSE_PASSWORD', 'OPENAI_API_KEY'])

/** As Compose fills it in when the user sets nothing but the secrets. */
const givenIn = ({ environment = {} }: ComposeService): Readonly<Record<string, string>> =>
  sorted(
    Object.entries(environment).map(([name, value]) => [
      name,
      SECRETS.has(name) ? SECRET : value.replace(/\$\{\w+:-([^}]*)\}/u, '$1'),
    ]),
  )

const sorted = (pairs: readonly (readonly [string, string])[]) =>
  Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)))
