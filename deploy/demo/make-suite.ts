import { seededRandom } from '../../schemas/seeded-random.ts'
import { type TestSuite, testSuite } from '../../schemas/task.ts'
import type { World } from '../simulated-model/world.ts'
import { drawTask } from './draw-task.ts'

/** The tasks that the owner of the agent has curated: as many of each type as the world says. */
export const makeSuite = (world: World, seed: string): TestSuite =>
  testSuite.parse({
    schema: 'neosigma.suite/1',
    tasks: world.taskTypes.flatMap((taskType) => {
      const random = seededRandom(`${seed}:suite:${taskType.name}`)
      return Array.from({ length: taskType.suite?.tasks ?? 0 }, (_, index) => {
        const { message, check } = drawTask(world, taskType, random)
        return {
          id: `${taskType.name}-${index + 1}`,
          taskType: taskType.name,
          input: message,
          scorers: check,
          ...(taskType.suite?.split === undefined ? {} : { split: taskType.suite.split }),
        }
      })
    }),
  })
