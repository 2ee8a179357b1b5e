import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'

export const FOLDER = 'deploy/kubernetes'

const labels = z.record(z.string(), z.string())
const reference = z.object({ name: z.string(), key: z.string(), optional: z.boolean().optional() })
const variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .object({
      configMapKeyRef: reference.optional(),
      secretKeyRef: reference.optional(),
    })
    .optional(),
})
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) })

const container = z.object({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  env: z.array(variable),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  resources: z.object({
    requests: z.record(z.string(), z.string()),
    limits: z.record(z.string(), z.string()),
  }),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.boolean(),
    capabilities: z.object({ drop: z.array(z.string()) }),
  }),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
})

/** What the tests look at of a Deployment. */
const deployment = z.object({
  kind: z.literal('Deployment'),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    replicas: z.number(),
    strategy: z.object({ type: z.string() }),
    selector: z.object({ matchLabels: labels }),
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.number() }),
        containers: z.tuple([container]),
        volumes: z.array(z.object({ name: z.string() })),
      }),
    }),
  }),
})
export type Deployment = z.infer<typeof deployment>

/** Any resource, with what is common to all. */
const resource = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
})
export type Resource = z.infer<typeof resource>

const kustomization = z.object({ namespace: z.string(), resources: z.array(z.string()) })

export interface Manifests {
  /** By the name of the role. */
  readonly deployments: ReadonlyMap<string, Deployment>
  readonly resources: readonly Resource[]
  /** Named by the kustomization, and lying in the folder beside it. */
  readonly listed: readonly string[]
  readonly files: readonly string[]
}

const NAME = 'kustomization.yaml'

/** Every document of the folder. @throws where one is not YAML or lacks what every role has */
export const readManifests = (): Manifests => {
  const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8')
  const { resources: listed } = kustomization.parse(parse(read(NAME)))
  const resources = listed.flatMap((file) =>
    parseAllDocuments(read(file), { merge: true }).map((document) => {
      if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join(', ')}`)
      return resource.parse(document.toJS())
    }),
  )
  const deployments = resources
    .filter(({ kind }) => kind === 'Deployment')
    .map((one) => deployment.parse(one))
  return {
    resources,
    listed,
    files: readdirSync(FOLDER).filter((file) => file !== NAME),
    deployments: new Map(
      deployments.map((one) => [one.metadata.name.replace(/^neosigma-/u, ''), one]),
    ),
  }
}
