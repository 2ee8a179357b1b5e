import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { seededRandom } from '../../schemas/seeded-random.ts'
import { topicByName } from '../../schemas/topics.ts'
import { figureOf, isEqual } from './figures.ts'
import { drawKill, KILL_POINTS, KILLED_ROLES } from './kill-points.ts'

const tables = globSync('schemas/migrations/*.sql')
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n')

test('every point names a topic or a table that there is', () => {
  for (const { name } of KILL_POINTS) {
    const [, act, what = '', topic = ''] = name.split(' ')
    if (act === 'insert') expect(tables).toContain(`TABLE IF NOT EXISTS ${what} (`)
    else expect(topicByName(act === 'commit' ? topic : what)?.name).toBeDefined()
  }
})

test('the same seed draws the same deaths; of any role more than half fall after an acknowledgement', () => {
  const draw = (seed: string) =>
    Array.from({ length: 200 }, (_, n) => drawKill(n, seededRandom(`${seed}:${n}`), null))
  expect(draw('a')).toEqual(draw('a'))
  expect(draw('a')).not.toEqual(draw('b'))
  expect(draw('a').filter(({ point }) => point.between).length).toBeGreaterThan(100)
  for (const role of KILLED_ROLES)
    expect(drawKill(1, seededRandom(role), role).point.role).toBe(role)
})

test('what is missing, there twice, never sent or counted otherwise is a difference', () => {
  const sent = new Set(['a', 'b'])
  const figure = (stored: readonly (readonly [string, number])[], counted = 2) =>
    isEqual(figureOf('things', sent, new Map(stored), counted))
  expect(
    figure([
      ['a', 1],
      ['b', 1],
    ]),
  ).toBe(true)
  expect(figure([['a', 1]])).toBe(false)
  expect(
    figure([
      ['a', 2],
      ['b', 1],
    ]),
  ).toBe(false)
  expect(
    figure([
      ['a', 1],
      ['c', 1],
    ]),
  ).toBe(false)
  expect(
    figure(
      [
        ['a', 1],
        ['b', 1],
      ],
      3,
    ),
  ).toBe(false)
})
