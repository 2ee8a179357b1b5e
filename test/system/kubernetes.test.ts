import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cacheFolder, command, sayMissing, tell } from '../support/outside.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const FOLDER = 'deploy/kubernetes'
const PACKAGE = 'kubernetes-validate==1.37.0'
/** The oldest whose schemas the manifests are held to, and the newest that the package has. */
const VERSIONS = ['1.29', '1.37']

/** The program that holds manifests against Kubernetes' published schemas, or why there is none. */
const validator = async (): Promise<{ readonly program: string } | { readonly reason: string }> => {
  const folder = cacheFolder('kubernetes')
  const program = join(folder, 'bin/kubernetes-validate')
  const installed = join(folder, 'installed.txt')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === PACKAGE) return { program }
  const made = await command('python3', ['-m', 'venv', folder])
  if (made.code !== 0) return { reason: `python3 -m venv: ${made.output}` }
  const pip = await command(join(folder, 'bin/pip'), ['install', '--quiet', PACKAGE])
  if (/connection|network|temporary failure|timed out/i.test(pip.output))
    return { reason: `pip: ${pip.output.slice(-500)}` }
  if (pip.code !== 0) throw new Error(pip.output)
  writeFileSync(installed, PACKAGE)
  return { program }
}

const found = await validator()
if ('reason' in found) sayMissing('the check of the Kubernetes manifests by schema', found.reason)
const program = 'program' in found ? found.program : ''

const kubectl = (await command('kubectl', ['version', '--client'])).code === 0
if (!kubectl) sayMissing('the kustomization', 'kubectl cannot be run')

const FILES = (await import('../deploy/kubernetes/manifests.ts'))
  .readManifests()
  .listed.map((file) => join(FOLDER, file))

describe.skipIf(program === '')("Kubernetes' published schemas", () => {
  test.each(VERSIONS)(
    'of %s take every manifest, and no field that they do not know',
    async (version) => {
      const { code, output } = await command(program, ['--strict', '-k', version, ...FILES])
      tell(`Kubernetes ${version}: ${output.trim().split('\n').length} resources`)
      expect(output).not.toMatch(/WARN|ERROR/)
      expect(code).toBe(0)
    },
  )

  test('refuse a manifest with a misspelt field', async () => {
    const { folder, remove } = temporaryFolder()
    const copy = join(folder, 'receiver.yaml')
    copyFileSync(join(FOLDER, 'receiver.yaml'), copy)
    writeFileSync(copy, readFileSync(copy, 'utf8').replace('readinessProbe', 'readynessProbe'))
    expect((await command(program, ['--strict', copy])).code).not.toBe(0)
    remove()
  })
})

test.skipIf(!kubectl)('the kustomization puts all of it together', async () => {
  const { code, output } = await command('kubectl', ['kustomize', FOLDER])
  expect([code, output.match(/^kind: Deployment$/gmu)?.length]).toEqual([0, 7])
  expect(output.match(/^ {2}namespace: neosigma$/gmu)?.length).toBeGreaterThan(15)
})
