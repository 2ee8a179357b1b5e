import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { schemaProblems } from '../../../deploy/docs/compare-schemas.ts'
import { withRegion } from '../../../deploy/docs/markdown.ts'
import { GENERATED_FOLDERS, renderDocuments } from '../../../deploy/docs/render-documents.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const { version } = JSON.parse(read('package.json')) as { readonly version: string }
const documents = renderDocuments(version, read)

describe('generated documents', () => {
  test.each([...documents.keys()])('%s is up to date (else: npm run generate)', (path) => {
    expect(existsSync(path) ? read(path) : 'absent').toBe(documents.get(path))
  })

  test('are all that is in their folders', () => {
    const onDisk = GENERATED_FOLDERS.flatMap((folder) => globSync(`${folder}/*`))
    expect(onDisk.filter((path) => !documents.has(path))).toEqual([])
  })

  test('say nothing of the time: the same contracts give the same documents', () => {
    expect([...renderDocuments(version, read)]).toEqual([...documents])
  })
})

describe('the contracts of now', () => {
  const released = globSync('schemas/released/v1/*.json')

  test('are compared with a release', () => {
    expect(released.length).toBeGreaterThanOrEqual(16)
  })

  test.each(released)('only add to %s', (path) => {
    const now = documents.get(`schemas/generated/${basename(path)}`)
    expect(now, 'the contract is gone').toBeDefined()
    expect(schemaProblems(JSON.parse(read(path)), JSON.parse(now ?? ''))).toEqual([])
  })
})

describe('a marked region', () => {
  const document = 'before\n<!-- generated: a -->\nold\n<!-- end of a -->\nafter\n'

  test('is replaced, the rest stays', () => {
    expect(withRegion(document, 'a', 'new')).toBe(document.replace('old', 'new'))
  })

  test('that is not there is an error, not an omission', () => {
    expect(withRegion(document, 'b', 'new')).toBeUndefined()
    expect(() => renderDocuments(version, () => 'no regions')).toThrow(/README.md has no region/u)
  })
})
