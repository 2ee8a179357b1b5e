import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FLOW } from './dependency-rules.mjs'

const HEADINGS = ['Reads', 'Writes', 'Guarantees', 'Fails how', 'Run it alone', 'Change it']
/** A room is a folder of a service that holds program text. */
const ROOMS = FLOW.flatMap((folder) => [folder, ...globSync(`${folder}/*/`)]).filter(
  (folder) => globSync(`${folder}/*.ts`).length > 0,
)
/** Beside the rooms, these have an overview of their own. */
const OVERVIEWS = ['pipeline', 'consumers', 'controller', 'deploy', 'test']

const skipped = (path: string): boolean =>
  /node_modules|\.neosigma|(^|\/)dist\/|^coverage\//u.test(path)
const files = globSync('**/*.{ts,mjs,md,sql,yaml,yml,json,sh,py}')
  .concat(globSync('.ci/*'))
  .filter((path) => !skipped(path) && path !== 'package-lock.json')
  .filter((path) => path !== 'test/architecture/documents.test.ts')
const documents = files.filter((path) => path.endsWith('.md'))

describe('documents speak of the project alone', () => {
  const host = URL.parse(process.env['npm_config_registry'] ?? '')?.hostname ?? ''
  const elsewhere: readonly RegExp[] = [
    /\/work\//u,
    /\bissue #?\d/iu,
    /\b(helper|session) #?\d+\b/iu,
    /\bdesign\.md\b|\bnotes\/[a-z]+\.md\b|§\d/u,
    /\.\.\/shared(?!\/data)/u,
    ...(host === '' || host === 'registry.npmjs.org'
      ? []
      : [new RegExp(host.replaceAll('.', '\\.'), 'u')]),
  ]

  test('are found', () => {
    expect(files.length).toBeGreaterThan(400)
    expect(documents.length).toBeGreaterThan(15)
  })

  test.each(elsewhere)('nowhere is %s', (pattern) => {
    const found = files.flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .flatMap((line, place) => (pattern.test(line) ? [`${path}:${place + 1}`] : [])),
    )
    expect(found).toEqual([])
  })
})

describe('every room has a page', () => {
  test.each(ROOMS)('%s says what it reads, writes and guarantees', (folder) => {
    const page = join(folder, 'README.md')
    const text = existsSync(page) ? readFileSync(page, 'utf8') : ''
    const headings = [...text.matchAll(/^## (.+)$/gmu)].map(([, heading]) => heading)
    expect(HEADINGS.filter((heading) => !headings.includes(heading))).toEqual([])
  })

  test.each(OVERVIEWS)('%s has an overview', (folder) => {
    expect(existsSync(join(folder, 'README.md'))).toBe(true)
  })
})

describe('paths in documents lead somewhere', () => {
  /** Files that a user has and the repository has not. */
  const OF_USERS = [
    'neosigma.config.jsonc',
    'api.json',
    'package.json',
    'package-lock.json',
    'clickhouse/',
  ]
  const PLACES = ['', 'test/bench', 'schemas']

  const pathsIn = (text: string): readonly string[] => {
    const links = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/gu)]
    const named = [...text.matchAll(/`([\w.-]*(?:\/[\w.-]+)*\.(?:ts|mjs|md|sql|yaml|json))`/gu)]
    const folders = [...text.matchAll(/`((?:\.\.?\/)*(?:[\w-]+\/)+)`/gu)]
    const run = [...text.matchAll(/(?:vitest run|node) ((?:[\w.-]+\/)[\w./-]*[\w-])/gu)]
    return [...links, ...named, ...folders, ...run].map(([, path = '']) => path)
  }

  test.each(documents)('%s', (document) => {
    const here = dirname(document)
    const lost = pathsIn(readFileSync(document, 'utf8')).filter(
      (path) =>
        !OF_USERS.includes(path) &&
        ![here, ...PLACES].some((place) => existsSync(join(place, path))),
    )
    expect(lost).toEqual([])
  })
})
