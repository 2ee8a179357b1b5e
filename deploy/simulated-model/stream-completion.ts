import type { ChatCompletion } from './chat-completion.ts'

const WORDS_PER_CHUNK = 4

/** The server-sent events of a streamed completion, in order, ending with `[DONE]`. */
export const streamCompletion = (completion: ChatCompletion): readonly string[] => {
  const { id, created, model, usage } = completion
  const [choice] = completion.choices
  const chunk = (delta: object, finish: string | null): string =>
    JSON.stringify({
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      choices: [{ index: 0, delta, finish_reason: finish }],
    })
  const calls = choice.message.tool_calls?.map((call, index) => ({ index, ...call }))
  const words = choice.message.content?.split(/(?<=\s)/) ?? []
  const parts = Array.from({ length: Math.ceil(words.length / WORDS_PER_CHUNK) }, (_, index) =>
    words.slice(index * WORDS_PER_CHUNK, (index + 1) * WORDS_PER_CHUNK).join(''),
  )
  return [
    chunk({ role: 'assistant', content: '' }, null),
    ...parts.map((content) => chunk({ content }, null)),
    ...(calls === undefined ? [] : [chunk({ tool_calls: calls }, null)]),
    chunk({}, choice.finish_reason),
    JSON.stringify({ id, object: 'chat.completion.chunk', created, model, choices: [], usage }),
    '[DONE]',
  ].map((data) => `data: ${data}\n\n`)
}
