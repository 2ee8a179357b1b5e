import type { Random } from '../../schemas/seeded-random.ts'
import type { Scorer } from '../../schemas/task.ts'
import { fillTemplate } from '../simulated-model/read-task.ts'
import type { TaskType, World } from '../simulated-model/world.ts'

export interface DrawnTask {
  readonly taskType: string
  readonly message: string
  readonly check: readonly Scorer[]
}

const pick = <T>(list: readonly T[], random: Random): T =>
  list[Math.floor(random() * list.length)] as T

const LARGEST_NUMBER = 1_000_000

/** One message that a user could write, and how its answer is judged. */
export const drawTask = (world: World, taskType: TaskType, random: Random): DrawnTask => {
  const values = Object.fromEntries(
    Object.entries(world.values).map(([name, choices]) => [
      name,
      pick(choices, random).replaceAll('{#}', () => String(Math.floor(random() * LARGEST_NUMBER))),
    ]),
  )
  return {
    taskType: taskType.name,
    message: fillTemplate(pick(taskType.inputs, random), values),
    check: fillTemplate(taskType.check, values),
  }
}

/** A task type, drawn by its share of the traffic. */
export const drawTaskType = (world: World, random: Random): TaskType => {
  const total = world.taskTypes.reduce((sum, { share }) => sum + share, 0)
  let left = random() * total
  for (const taskType of world.taskTypes) {
    left -= taskType.share
    if (left < 0) return taskType
  }
  return world.taskTypes.at(-1) as TaskType
}
