export type AnswerShape = 'none' | 'json' | 'fenced' | 'broken-json' | 'text'

/** What the last answer looks like from outside, whatever it says. */
export const answerShape = (output: string | null): AnswerShape => {
  const text = output?.trim() ?? ''
  if (text === '') return 'none'
  if (text.startsWith('```')) return 'fenced'
  if (!/^[{[]/.test(text)) return 'text'
  try {
    JSON.parse(text)
    return 'json'
  } catch {
    return 'broken-json'
  }
}
