/** A cell may hold no line break and no bare pipe. */
const cell = (text: string): string => text.replaceAll('\n', ' ').replaceAll('|', '\\|')

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

/** A GitHub-flavoured Markdown table. */
export const markdownTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string => [row(head), `|${head.map(() => '---|').join('')}`, ...rows.map(row)].join('\n')

export const code = (text: string): string => `\`${text}\``

const begin = (name: string): string => `<!-- generated: ${name} -->`
const end = (name: string): string => `<!-- end of ${name} -->`

/** The document with the marked region replaced; undefined where the document has no such region. */
export const withRegion = (document: string, name: string, content: string): string | undefined => {
  const from = document.indexOf(begin(name))
  const to = document.indexOf(end(name), from)
  if (from < 0 || to < 0) return undefined
  return `${document.slice(0, from)}${begin(name)}\n${content}\n${document.slice(to)}`
}
