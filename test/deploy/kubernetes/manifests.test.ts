import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ROLES, usesStore } from '../../../deploy/embedded/roles.ts'
import { loadConfiguration } from '../../../pipeline/service-runtime/load-config.ts'
import { type ComposeServices, deploymentDifferences } from './deployment-differences.ts'
import { type Deployment, type Manifests, readManifests } from './manifests.ts'

const manifests = readManifests()
const { services } = parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true }) as {
  readonly services: ComposeServices
}
const dockerfile = readFileSync('deploy/Dockerfile', 'utf8')
const podOf = (role: string) => {
  const deployment = manifests.deployments.get(role)
  if (deployment === undefined) throw new Error(`no Deployment of ${role}`)
  const { spec } = deployment.spec.template
  return { deployment, pod: spec, container: spec.containers[0] }
}
const named = (kind: string): readonly string[] =>
  manifests.resources.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name)

/** The manifests with something of one role replaced. */
const planted = (role: string, change: (container: Container) => object): Manifests => {
  const { deployment, pod, container } = podOf(role)
  const containers = [
    { ...container, ...change(container) },
  ] as Deployment['spec']['template']['spec']['containers']
  const spec = {
    ...deployment.spec,
    template: { ...deployment.spec.template, spec: { ...pod, containers } },
  }
  return {
    ...manifests,
    deployments: new Map([...manifests.deployments, [role, { ...deployment, spec }]]),
  }
}
type Container = ReturnType<typeof podOf>['container']

describe('the Kubernetes manifests', () => {
  test('are all named by the kustomization, and nothing else is', () => {
    expect([...manifests.files].sort()).toEqual([...manifests.listed].sort())
    const ids = manifests.resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('run the roles of the program, as Compose does: commands, settings, ports, image', () => {
    expect(deploymentDifferences(manifests, services)).toEqual([])
  })

  test.each<[string, Manifests, RegExp]>([
    ['another command', planted('writer', () => ({ args: ['serve', 'runs'] })), /^writer: command/],
    [
      'a variable less',
      planted('miner', ({ env }) => ({ env: env.slice(1) })),
      /^miner: environment/,
    ],
    [
      'another value',
      planted('api', ({ env }) => ({
        env: env.map((one) => (one.value === undefined ? one : { ...one, value: '127.0.0.1' })),
      })),
      /^api: environment/,
    ],
    ['another image', planted('runs', () => ({ image: 'neosigma:other' })), /^runs: image/],
    [
      'a port less',
      planted('receiver', ({ ports }) => ({ ports: ports.slice(1) })),
      /^receiver: ports/,
    ],
    [
      'a role less',
      { ...manifests, deployments: new Map([...manifests.deployments].slice(1)) },
      /has no Deployment/,
    ],
  ])('a planted difference is found: %s', (_what, changed, expected) => {
    expect(deploymentDifferences(changed, services)).toEqual([expect.stringMatching(expected)])
  })

  test.each(ROLES)('%s reads its settings without complaint', (role) => {
    const environment = Object.fromEntries(
      podOf(role).container.env.map(({ name, value, valueFrom }) => [
        name,
        value ?? sharedValue(valueFrom?.configMapKeyRef?.key) ?? 'secret',
      ]),
    )
    const { configuration, secrets } = loadConfiguration({ environment })
    expect(configuration.eventLog.driver).toBe('kafka')
    if (!usesStore(role)) return
    expect(configuration.traceStore.driver).toBe('clickhouse')
    expect(secrets.clickhousePassword?.reveal()).toBe('secret')
  })
})

const sharedValue = (key: string | undefined): string | undefined => {
  if (key === undefined) return undefined
  const map = manifests.resources.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'neosigma',
  )
  const data = map?.['data'] as Readonly<Record<string, string>> | undefined
  return data?.[key]
}

describe('a pod', () => {
  test.each(ROLES)('of %s is asked for its health where the image answers', (role) => {
    const { container } = podOf(role)
    const health = container.ports.find(({ name }) => name === 'health')?.containerPort
    expect(dockerfile).toContain(`NEOSIGMA_HEALTH_PORT=${health}`)
    expect(dockerfile).toContain('NEOSIGMA_HEALTH_HOST=0.0.0.0')
    expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'health' })
    expect(container.startupProbe.httpGet).toEqual({ path: '/healthz', port: 'health' })
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'health' })
  })

  test.each(ROLES)('of %s has no rights, and folders for what the image writes', (role) => {
    const { pod, container, deployment } = podOf(role)
    // The image's user `node`.
    expect(pod.securityContext.runAsUser).toBe(1000)
    expect(container.securityContext.capabilities.drop).toEqual(['ALL'])
    const folders = container.volumeMounts.map(({ mountPath }) => mountPath)
    expect(folders).toEqual(expect.arrayContaining(['/tmp', '/data']))
    expect(dockerfile).toContain('NEOSIGMA_DATA_DIR=/data')
    const names = pod.volumes.map(({ name }) => name)
    expect(container.volumeMounts.filter(({ name }) => !names.includes(name))).toEqual([])
    expect(Object.keys(container.resources.requests).sort()).toEqual(['cpu', 'memory'])
    expect(container.resources.limits['memory']).toBeDefined()
    expect(deployment.spec.template.metadata.labels).toEqual(deployment.spec.selector.matchLabels)
  })

  test('of a role that a second instance would keep from being ready is replaced, not added to', () => {
    const recreated = ROLES.filter(
      (role) => podOf(role).deployment.spec.strategy.type === 'Recreate',
    )
    expect(recreated).toEqual(['miner', 'controller'])
    for (const role of recreated) expect(podOf(role).deployment.spec.replicas).toBe(1)
  })
})

describe('what stands around the pods', () => {
  test('is a budget for every role of several instances, and for no other', () => {
    const several = ROLES.filter((role) => podOf(role).deployment.spec.replicas > 1)
    expect(named('PodDisruptionBudget')).toEqual(several.map((role) => `neosigma-${role}`))
  })

  test('are services for the ports that others call', () => {
    expect(named('Service')).toEqual(['neosigma-receiver', 'neosigma-api'])
  })

  test('selects pods that there are, on ports that they have', () => {
    const text = JSON.stringify(
      manifests.resources.filter(({ kind }) => kind === 'NetworkPolicy' || kind === 'Service'),
    )
    const components = [...text.matchAll(/"app.kubernetes.io\/component":"(\w+)"/gu)]
    expect(components.length).toBeGreaterThan(0)
    for (const [, role] of components) expect(ROLES).toContain(role)
    const ports = ROLES.flatMap((role) =>
      podOf(role).container.ports.map((one) => one.containerPort),
    )
    // Of names, Kafka and ClickHouse.
    const outside = [53, 9092, 8123]
    for (const [, port] of text.matchAll(/"port":(\d+)/gu))
      expect([...ports, ...outside]).toContain(Number(port))
  })

  test('scales a Deployment that there is', () => {
    const targets = manifests.resources
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
      .map(({ spec }) => (spec as { scaleTargetRef: { name: string } }).scaleTargetRef.name)
    expect(targets).toEqual(['neosigma-receiver'])
    expect(named('Deployment')).toEqual(expect.arrayContaining(targets))
  })
})
