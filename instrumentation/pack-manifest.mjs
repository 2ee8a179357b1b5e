// npm packs the manifest that it finds. This one points at the sources, so that the checkout runs without a build;
// `prepack` turns its entry points to the compiled files, `postpack` turns them back and removes what was compiled. Both may run twice.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'

const file = new URL('package.json', import.meta.url)
const manifest = JSON.parse(readFileSync(file, 'utf8'))
const nameOf = (target) => (target.default ?? target).match(/([\w-]+)\.[jt]s$/)[1]
const point = {
  published: (name) => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` }),
  sources: (name) => `./${name}.ts`,
}[process.argv[2]]
manifest.exports = Object.fromEntries(
  Object.entries(manifest.exports).map(([entry, target]) => [entry, point(nameOf(target))]),
)
writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
if (process.argv[2] === 'sources')
  rmSync(new URL('dist', import.meta.url), { recursive: true, force: true })
