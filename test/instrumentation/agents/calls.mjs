// An agent that uses the client in every way its users do. Prints what it got as one JSON document.
import OpenAI from 'openai'

const client = new OpenAI({ apiKey: 'test', maxRetries: 0 })
const messages = [{ role: 'user', content: 'where is my order?' }]
const ask = (rest) => client.chat.completions.create({ model: 'small', messages, ...rest })
const failing = (call) =>
  call.then(
    () => 'no error',
    (error) => error.constructor.name,
  )
const tools = [{ type: 'function', function: { name: 'look_up', parameters: {} } }]
const streamed = async (stream, most = Number.POSITIVE_INFINITY) => {
  let chunks = 0
  for await (const _ of stream) if (++chunks >= most) break
  return chunks
}
// Structured output moved out of `beta` in major 5.
const parse = (client.chat.completions.parse ?? client.beta.chat.completions.parse).bind(
  client.chat.completions.parse === undefined
    ? client.beta.chat.completions
    : client.chat.completions,
)

const got = {
  answer: (await ask()).choices[0].message.content,
  call: (await ask({ tools })).choices[0].message.tool_calls[0].function.name,
  parsed: (await parse({ model: 'parsed', messages })).choices[0].message.content,
  raw: await (await ask({ model: 'raw' }).asResponse()).json().then(({ id }) => id),
  both: await ask({ model: 'both' })
    .withResponse()
    .then(({ data, response }) => [data.id, response.status]),
  stream: await streamed(await ask({ model: 'streamed', stream: true })),
  stopped: await streamed(await ask({ model: 'stopped', stream: true }), 2),
  cut: await failing(ask({ model: 'cut', stream: true }).then((stream) => streamed(stream))),
  refused: await failing(ask({ model: 'refused' })),
  refusedStream: await failing(ask({ model: 'refused', stream: true })),
  embedding: (await client.embeddings.create({ model: 'embedder', input: 'x' })).data[0].embedding
    .length,
}
if (client.responses !== undefined) {
  const input = { model: 'responding', input: 'hello?', instructions: 'be kind' }
  got.response = (await client.responses.create(input)).output_text
  got.parsedResponse = (await client.responses.parse(input)).output_text
  got.responseStream = await streamed(
    await client.responses.create({ ...input, model: 'responding-streamed', stream: true }),
  )
  got.refusedResponse = await failing(
    client.responses.create({ ...input, model: 'refused', stream: true }),
  )
}
process.stdout.write(JSON.stringify(got))
