import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { CONTRACTS, type ContractName } from '../../../deploy/docs/contracts.ts'
import { EXAMPLES } from '../../../deploy/docs/examples.ts'
import { configDigest } from '../../../schemas/agent-config.ts'
import { DECISIONS, deploymentDecision } from '../../../schemas/decision.ts'
import { TOPICS, type Topic } from '../../../schemas/topics.ts'

const read = (path: string): object => JSON.parse(readFileSync(path, 'utf8')) as object

// Formats are let be: each has a pattern beside it.
const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  allowUnionTypes: true,
  validateFormats: false,
})
for (const name of Object.keys(CONTRACTS)) {
  ajv.addSchema(read(`schemas/generated/${name}.schema.json`), name)
}

const problemsOf = (contract: string, value: unknown): readonly string[] => {
  const validate = ajv.getSchema(contract)
  if (validate === undefined) throw new Error(`no schema ${contract}`)
  if (validate(value) === true) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

describe('a published schema', () => {
  test.each(Object.keys(CONTRACTS))('%s is JSON Schema 2020-12 in strict mode', (name) => {
    expect(() => ajv.getSchema(name)).not.toThrow()
  })

  test('refuses what the contract refuses', () => {
    const decision = read('schemas/examples/decision-canary.json')
    expect(problemsOf('deployment-decision', { ...decision, decision: 'maybe' })).not.toEqual([])
    expect(problemsOf('deployment-decision', { ...decision, toVersion: 'v2' })).not.toEqual([])
    expect(problemsOf('agent-config', { temperature: 1 })).not.toEqual([])
    expect(problemsOf('run-response', { status: 'fine' })).not.toEqual([])
  })
})

describe('an example', () => {
  test.each(EXAMPLES.map(({ name, contract }) => [name, contract] as const))(
    '%s follows the schema of %s, and the contract itself',
    (name, contract) => {
      const value = read(`schemas/examples/${name}.json`)
      expect(problemsOf(contract, value)).toEqual([])
      expect(CONTRACTS[contract].schema.parse(value)).toEqual(value)
    },
  )

  test('is on disk where it is listed, and listed where it is on disk', () => {
    const onDisk = globSync('schemas/examples/*.json').map((path) => basename(path, '.json'))
    expect(onDisk.sort()).toEqual(EXAMPLES.map(({ name }) => name).sort())
  })

  test('exists for every contract of a topic and for the run protocol', () => {
    const topics: readonly Topic[] = Object.values(TOPICS)
    const needed = (Object.keys(CONTRACTS) as ContractName[]).filter(
      (name) =>
        name.startsWith('run-') || topics.some(({ schema }) => schema === CONTRACTS[name].schema),
    )
    const shown = new Set(EXAMPLES.map(({ contract }) => contract))
    expect(needed.filter((name) => !shown.has(name))).toEqual([])
  })
})

describe('the examples of decisions', () => {
  const decisions = EXAMPLES.filter(({ contract }) => contract === 'deployment-decision').map(
    ({ name }) => deploymentDecision.parse(read(`schemas/examples/${name}.json`)),
  )

  test('show every kind', () => {
    expect(decisions.map(({ decision }) => decision).sort()).toEqual([...DECISIONS].sort())
  })

  test('name the configuration that they carry by its digest', () => {
    for (const { artifact, toVersion } of decisions) {
      if (artifact.config === undefined) throw new Error('an example carries its configuration')
      expect(configDigest(artifact.config)).toBe(toVersion)
      expect(artifact.digest).toBe(toVersion)
    }
  })
})
