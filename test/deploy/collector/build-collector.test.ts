import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { collectorBinary } from '../../../deploy/collector/build-collector.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

let folder = ''
let cacheDir = ''
beforeEach(() => {
  const temporary = temporaryFolder()
  folder = temporary.folder
  cacheDir = join(folder, 'cache')
  onTestFinished(temporary.remove)
})

/** A program of a shell script, first on the PATH. */
const program = (path: string, script: string): void => {
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

const onThePath = (path: string): void => {
  const before = process.env['PATH']
  process.env['PATH'] = path
  onTestFinished(() => {
    process.env['PATH'] = before
  })
}

/** Stands for Go: installs a builder that makes a program of the manifest that it was given. */
const fakeGo = (proxies: string, build: string): void => {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const builder = join(folder, 'a-builder')
  program(builder, `printf '%s %s' "$GOPROXY" "$1" > ${folder}/built\n${build}`)
  program(
    join(bin, 'go'),
    `case "$1" in
      env) echo '${proxies}';;
      install) cp ${builder} "$GOBIN/builder"; echo "$2" > ${folder}/installed;;
    esac`,
  )
  onThePath(`${bin}:${process.env['PATH']}`)
}

const MAKES = 'mkdir -p dist && cp builder.yaml dist/otelcol'

describe('the Collector', () => {
  test('is the given one, if it runs', async () => {
    const given = join(folder, 'otelcol')
    program(given, 'exit 0')
    expect(await collectorBinary({ given, cacheDir })).toBe(given)
    program(given, 'exit 1')
    await expect(collectorBinary({ given, cacheDir })).rejects.toMatchObject({
      code: 'tool-missing',
    })
  })

  test('is none where Go cannot be run', async () => {
    onThePath(folder)
    expect(await collectorBinary({ cacheDir })).toBeNull()
  })

  test('is built once for a manifest, from module proxies alone', async () => {
    fakeGo('https://mirror.example,direct', MAKES)
    const builds: string[] = []
    const onBuild = (where: string): unknown => builds.push(where)
    const binary = await collectorBinary({ cacheDir, onBuild })
    expect(readFileSync(String(binary), 'utf8')).toBe(
      readFileSync('deploy/collector/builder.yaml', 'utf8'),
    )
    expect(readFileSync(join(folder, 'built'), 'utf8')).toMatch(
      /^https:\/\/mirror.example --config=/,
    )
    expect(readFileSync(join(folder, 'installed'), 'utf8')).toMatch(/builder@v\d+\.\d+\.\d+\n/)
    expect(await collectorBinary({ cacheDir, onBuild })).toBe(binary)
    expect(builds).toHaveLength(1)
    expect(readdirSync(cacheDir)).toHaveLength(1)
  })

  test('comes from the public proxy where only source hosts are set', async () => {
    fakeGo('direct', MAKES)
    await collectorBinary({ cacheDir })
    expect(readFileSync(join(folder, 'built'), 'utf8')).toMatch(/^https:\/\/proxy\.golang\.org /)
  })

  test('that cannot be built leaves nothing, and the last words of the builder', async () => {
    fakeGo('https://mirror.example', 'echo "no such module" >&2; exit 1')
    await expect(collectorBinary({ cacheDir })).rejects.toThrow('no such module')
    expect(existsSync(cacheDir) ? readdirSync(cacheDir) : []).toEqual([])
  })
})
