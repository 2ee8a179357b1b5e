import type { TaskType, World } from './world.ts'

/** A user's message read back: of which kind it is, and which values it names. */
export interface ReadTask {
  readonly taskType: TaskType
  readonly values: Readonly<Record<string, string>>
}

const PLACEHOLDER = /\{(\w+)\}/g
const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const patternOf = (template: string): RegExp => {
  const seen = new Set<string>()
  const source = template.split(PLACEHOLDER).map((part, index) => {
    if (index % 2 === 0) return literal(part)
    if (seen.has(part)) return `\\k<${part}>`
    seen.add(part)
    return `(?<${part}>.+?)`
  })
  return new RegExp(`^${source.join('')}$`, 's')
}

/** Which task a message is, by the templates of the world; null where none fits. */
export const readTask = (world: World, message: string): ReadTask | null => {
  for (const taskType of world.taskTypes)
    for (const template of taskType.inputs) {
      const match = patternOf(template).exec(message.trim())
      if (match !== null) return { taskType, values: { ...match.groups } }
    }
  return null
}

/** Puts values into a template, also inside arrays and objects. An unknown name stays as it is. */
export const fillTemplate = <T>(template: T, values: Readonly<Record<string, string>>): T => {
  if (typeof template === 'string')
    return template.replace(PLACEHOLDER, (whole, name: string) => values[name] ?? whole) as T
  if (Array.isArray(template)) return template.map((part) => fillTemplate(part, values)) as T
  if (template !== null && typeof template === 'object')
    return Object.fromEntries(
      Object.entries(template).map(([key, part]) => [key, fillTemplate(part, values)]),
    ) as T
  return template
}
