const OPENING =
  /^\s*["'[({]*\s*(?:fatal|uncaught|internal|unexpected|runtime)?\s*[\w.]*(?:error|exception|traceback|failed|failure|fatal)\b/i

/**
 * The error that a tool reported as an ordinary result, or null. Many tools have no status: an error is then text
 * that opens as one, or a JSON object that has a member `error`, or `isError`/`success` saying so.
 */
export const errorTextOf = (output: string | null): string | null => {
  if (output === null || output.trim() === '') return null
  const value = output.trimStart().startsWith('{') ? parseObject(output) : null
  if (value !== null) return errorMemberOf(value, output)
  return OPENING.test(output.slice(0, 200)) ? output : null
}

const errorMemberOf = (value: Readonly<Record<string, unknown>>, output: string): string | null => {
  const error = value['error'] ?? value['errorMessage'] ?? value['error_message']
  if (typeof error === 'string' && error !== '') return error
  if (error !== null && typeof error === 'object') return JSON.stringify(error)
  const says = value['isError'] === true || value['success'] === false || value['ok'] === false
  return says ? output : null
}

const parseObject = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null
  } catch {
    return null
  }
}
