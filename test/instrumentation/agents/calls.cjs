const { OpenAI } = require('openai')

const client = new OpenAI({ apiKey: 'test', maxRetries: 0 })
const messages = [{ role: 'user', content: 'where is my order?' }]
client.chat.completions
  .create({ model: 'small', messages })
  .then(({ choices }) => process.stdout.write(choices[0].message.content))
