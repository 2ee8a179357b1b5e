// An agent that knows nothing of telemetry.
import OpenAI from 'openai'

const client = new OpenAI({ apiKey: 'test' })
const content = 'write to ann@example.org'
const { choices } = await client.chat.completions.create({
  model: 'small',
  messages: [{ role: 'user', content }],
})
await client.responses.create({ model: 'small', input: content })
process.stdout.write(choices[0].message.content)
