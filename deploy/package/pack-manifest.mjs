// npm packs the manifest that it finds. This one points at the sources, so that the checkout runs without a build; `prepack` compiles,
// copies what is no TypeScript and turns the entry points to the compiled files, `postpack` turns them back. Both may run twice.
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ASSETS = ['schemas', 'pipeline', 'consumers', 'controller', 'deploy'].map(
  (folder) => `${folder}/**/*.{sql,json,jsonc,yaml,yml,xml,properties,py}`,
)
const target = process.argv[2]
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))

if (target === 'published') {
  for (const file of globSync(ASSETS)) {
    mkdirSync(dirname(join('dist', file)), { recursive: true })
    cpSync(file, join('dist', file))
  }
  manifest.bin.neosigma = 'dist/deploy/cli/main.js'
} else {
  rmSync('dist', { recursive: true, force: true })
  manifest.bin.neosigma = 'deploy/cli/main.ts'
}
writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`)
