// Writes the generated documents; `--check` compares them instead, `--release` also makes the schemas the released ones.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { schemaProblems } from './compare-schemas.ts'
import { GENERATED_FOLDERS, renderDocuments } from './render-documents.ts'

const ROOT = join(import.meta.dirname, '../..')
const RELEASED = 'schemas/released/v1'

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const readIfThere = (path: string): string | undefined =>
  globSync(path, { cwd: ROOT }).length === 0 ? undefined : read(path)
const filesOf = (folder: string): readonly string[] =>
  globSync(`${folder}/*.json`, { cwd: ROOT }).sort()

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true })
  writeFileSync(join(ROOT, path), text)
}

const say = (text: string): boolean => process.stdout.write(`${text}\n`)

/** What the schemas of now break of the released ones, by file. */
const incompatibilities = (documents: ReadonlyMap<string, string>): readonly string[] =>
  filesOf(RELEASED).flatMap((path) => {
    const now = documents.get(`schemas/generated/${basename(path)}`)
    if (now === undefined) return [`${basename(path)}: the contract is gone`]
    return schemaProblems(JSON.parse(read(path)), JSON.parse(now)).map(
      (problem) => `${basename(path)}: ${problem}`,
    )
  })

const main = (options: readonly string[]): number => {
  const { version } = JSON.parse(read('package.json')) as { readonly version: string }
  const documents = renderDocuments(version, read)
  const broken = incompatibilities(documents)
  if (broken.length > 0) return refuse(broken.map((problem) => `not additive: ${problem}`))
  const stale = [...documents].filter(([path, text]) => readIfThere(path) !== text)
  const leftOver = GENERATED_FOLDERS.flatMap(filesOf).filter((path) => !documents.has(path))
  if (options.includes('--check'))
    return refuse([
      ...stale.map(([path]) => `not up to date: ${path} (npm run generate)`),
      ...leftOver.map((path) => `left over: ${path} (npm run generate)`),
    ])
  for (const [path, text] of stale) write(path, text)
  for (const path of leftOver) rmSync(join(ROOT, path))
  if (options.includes('--release')) release(documents)
  say(`${documents.size} documents, ${stale.length} written, ${leftOver.length} removed`)
  return 0
}

const refuse = (problems: readonly string[]): number => {
  for (const problem of problems) say(problem)
  return problems.length === 0 ? 0 : 1
}

/** The configuration is no contract between programs: its changes are told in the changelog. */
const release = (documents: ReadonlyMap<string, string>): void => {
  for (const [path, text] of documents)
    if (path.endsWith('.schema.json') && basename(path) !== 'configuration.schema.json')
      write(join(RELEASED, basename(path)), text)
}

process.exitCode = main(process.argv.slice(2))
