import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { configurationPage } from '../../../deploy/docs/configuration-page.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { environmentFields } from '../../../pipeline/service-runtime/environment-values.ts'

const page = configurationPage()
const rows = [...page.matchAll(/^\| `([^`]+)` \| (.+) \|$/gmu)].map(([, name = '', rest = '']) => ({
  name,
  cells: rest.split(/(?<!\\) \| /u),
}))
const settings = rows.filter(({ cells }) => cells.length === 4)
const variables = rows.filter(({ cells }) => cells.length === 1).map(({ name }) => name)

describe('the configuration page', () => {
  test('lists the settings of every section', () => {
    const sections = new Set(settings.map(({ name }) => name.split('.')[0]))
    expect([...sections].sort()).toEqual(Object.keys(configuration.shape).sort())
    expect(settings.length).toBeGreaterThan(60)
  })

  test('says of every setting what it means', () => {
    const silent = settings.filter(({ cells }) => /^(`\w+`: )?$/u.test(cells[3] ?? ''))
    expect(silent.map(({ name }) => name)).toEqual([])
  })

  test('names the variable of every setting that has one', () => {
    for (const { env, path } of environmentFields(configuration))
      expect(settings.find(({ name }) => name === path.join('.'))?.cells[2]).toBe(`\`${env}\``)
  })

  test('lists every other variable that is read, and no more', () => {
    const source = readFileSync('pipeline/service-runtime/load-config.ts', 'utf8')
    const read = [...source.matchAll(/\b(?:given|secret)\('([A-Z_]+)'\)/gu)].map(([, name]) => name)
    expect([...variables].sort()).toEqual([...new Set(read)].sort())
  })
})
