import type { AgentConfig } from '../../schemas/agent-config.ts'
import { EDIT_FIELDS, type Edit } from './proposal-schema.ts'

export type Edited =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly reason: string }

interface Item {
  readonly id: string
  readonly text: string
  readonly locked?: boolean | undefined
}

/**
 * The configuration after a proposer's edits, one by one. Edits that name what is not there, is there already or is
 * locked make the whole change unusable: half of an idea is another idea.
 */
export const applyEdits = (base: AgentConfig, edits: readonly Edit[]): Edited => {
  let config = base
  for (const edit of edits) {
    const next = applyEdit(config, edit)
    if (typeof next === 'string') return { ok: false, reason: `${edit.op}: ${next}` }
    config = next
  }
  return { ok: true, config }
}

const applyEdit = (config: AgentConfig, edit: Edit): AgentConfig | string => {
  switch (edit.op) {
    case 'add-section':
    case 'replace-section':
    case 'remove-section':
      return editSection(config, edit)
    case 'add-example':
    case 'remove-example':
      return editList(config, 'fewShot', edit)
    case 'add-skill':
    case 'remove-skill':
      return editList(config, 'skills', edit)
    case 'set-tool-description':
    case 'add-tool-example':
    case 'disable-tool':
      return editTool(config, edit)
    case 'set-field':
      return setField(config, edit)
  }
}

const editSection = (config: AgentConfig, edit: Edit): AgentConfig | string => {
  const prompt = edit.target === '' ? Object.keys(config.prompts)[0] : edit.target
  const sections = prompt === undefined ? undefined : config.prompts[prompt]
  if (prompt === undefined || sections === undefined) return 'no such prompt'
  const edited = editItems(sections, edit)
  return typeof edited === 'string'
    ? edited
    : { ...config, prompts: { ...config.prompts, [prompt]: edited } }
}

const editList = (
  config: AgentConfig,
  list: 'fewShot' | 'skills',
  edit: Edit,
): AgentConfig | string => {
  const edited = editItems(config[list], edit)
  return typeof edited === 'string' ? edited : { ...config, [list]: edited }
}

const editItems = <Entry extends Item>(
  items: readonly Entry[],
  edit: Edit,
): (Entry | { id: string; text: string })[] | string => {
  const index = items.findIndex(({ id }) => id === edit.id)
  const adds = edit.op.startsWith('add-')
  if (edit.id === '') return 'without an id'
  if (adds && index >= 0) return 'the id exists'
  if (!adds && index < 0) return 'no such id'
  if (!edit.op.startsWith('remove-') && edit.text.trim() === '') return 'without text'
  if (items[index]?.locked === true) return 'the section is locked'
  if (adds) return [...items, { id: edit.id, text: edit.text }]
  return edit.op.startsWith('remove-')
    ? items.filter((_, at) => at !== index)
    : items.map((item, at) => (at === index ? { ...item, text: edit.text } : item))
}

const editTool = (config: AgentConfig, edit: Edit): AgentConfig | string => {
  const found = config.tools.some(({ name }) => name === edit.target)
  if (!found) return 'no such tool'
  const tools = config.tools.map((tool) => {
    if (tool.name !== edit.target) return tool
    if (edit.op === 'disable-tool') return { ...tool, enabled: false }
    return edit.op === 'set-tool-description'
      ? { ...tool, description: edit.text }
      : { ...tool, examples: [...tool.examples, edit.text] }
  })
  return { ...config, tools }
}

/** Types and bounds are the schema's business, which validates every result. */
const setField = (config: AgentConfig, edit: Edit): AgentConfig | string => {
  const field = EDIT_FIELDS.find((known) => known === edit.target)
  if (field === undefined) return 'no such field'
  const [part, key] = field.split('.') as ['output' | 'retry' | 'context' | 'guards', string]
  return { ...config, [part]: { ...config[part], [key]: jsonOrText(edit.text) } }
}

const jsonOrText = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
