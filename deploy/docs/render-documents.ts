import { InvariantError } from '../../schemas/errors.ts'
import { asyncApiDocument } from './async-api.ts'
import { configurationPage } from './configuration-page.ts'
import { CONTRACTS, type ContractName } from './contracts.ts'
import { EXAMPLES } from './examples.ts'
import { jsonSchemaOf } from './json-schema.ts'
import { withRegion } from './markdown.ts'
import { contractsTable, errorsTable, topicsTable } from './tables.ts'

/** Folders in which every file is generated: what is there and not rendered is left over. */
export const GENERATED_FOLDERS = ['schemas/generated', 'schemas/examples'] as const

/** Hand-written documents and the regions of them that are generated. */
const REGIONS: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'README.md': { topics: () => topicsTable('schemas/') },
  'schemas/README.md': {
    topics: () => topicsTable(''),
    contracts: contractsTable,
    errors: errorsTable,
  },
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/**
 * Every generated document by its path from the root. `read` gives the present text of a hand-written one.
 * @throws InvariantError where a document lacks one of its regions.
 */
export const renderDocuments = (
  version: string,
  read: (path: string) => string,
): ReadonlyMap<string, string> =>
  new Map([
    ...(Object.keys(CONTRACTS) as ContractName[]).map(
      (name) => [`schemas/generated/${name}.schema.json`, json(jsonSchemaOf(name))] as const,
    ),
    ['schemas/generated/asyncapi.json', json(asyncApiDocument(version))] as const,
    ...EXAMPLES.map(({ name, value }) => [`schemas/examples/${name}.json`, json(value)] as const),
    ['deploy/docs/configuration.md', configurationPage()] as const,
    ...Object.entries(REGIONS).map(
      ([path, regions]) => [path, withRegions(path, read(path), regions)] as const,
    ),
  ])

const withRegions = (
  path: string,
  document: string,
  regions: Readonly<Record<string, () => string>>,
): string =>
  Object.entries(regions).reduce((text, [name, content]) => {
    const next = withRegion(text, name, content())
    if (next === undefined)
      throw new InvariantError('invariant-broken', `${path} has no region ${name}.`)
    return next
  }, document)
