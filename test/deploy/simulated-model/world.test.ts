import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadWorld } from '../../../deploy/simulated-model/load-world.ts'
import { fillTemplate, readTask } from '../../../deploy/simulated-model/read-task.ts'
import { driftsOf } from '../../../deploy/simulated-model/world.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const write = (content: string): string => {
  const { folder, remove } = temporaryFolder()
  onTestFinished(remove)
  const path = join(folder, 'world.json')
  writeFileSync(path, content)
  return path
}

describe('a world file', () => {
  const world = loadWorld('deploy/demo/worlds/support-desk.json')

  test('that is none is refused with all of its problems', () => {
    const path = write(
      JSON.stringify({ schema: 'neosigma.world/1', description: 1, taskTypes: [], extra: true }),
    )
    expect(() => loadWorld(path)).toThrow(/description[\s\S]*taskTypes|taskTypes[\s\S]*description/)
    expect(() => loadWorld(path)).toThrow(/extra/)
  })

  test('with a pattern that does not compile is refused', () => {
    const broken = JSON.parse(JSON.stringify(world)) as { reflections: { when: string }[] }
    if (broken.reflections[0] !== undefined) broken.reflections[0].when = '('
    expect(() => loadWorld(write(JSON.stringify(broken)))).toThrow(/not a regular expression/)
  })

  test('that is missing or no JSON is refused with its path', () => {
    expect(() => loadWorld('no-such-world.json')).toThrow(/no-such-world\.json/)
    expect(() => loadWorld(write('{'))).toThrow(/file-unreadable/)
  })

  test('names the drifts that it can undergo', () => {
    expect(driftsOf(world)).toEqual(['provider-update'])
  })
})

describe('a message', () => {
  const world = loadWorld('deploy/demo/worlds/support-desk.json')

  test.each(world.taskTypes.flatMap((type) => type.inputs.map((input) => [type.name, input])))(
    'of type %s written from "%s" is read back with its values',
    (name, input) => {
      const values = {
        order: 'A1',
        reason: 'it came too late',
        street: 'Mill Lane 3',
        postcode: '7123',
        topic: 'returns',
      }
      const read = readTask(world, fillTemplate(input, values))
      expect(read?.taskType.name).toBe(name)
      expect(values).toMatchObject(read?.values ?? { none: true })
    },
  )

  test('that no template fits is no task', () => {
    expect(readTask(world, 'Sing a song.')).toBeNull()
  })
})
