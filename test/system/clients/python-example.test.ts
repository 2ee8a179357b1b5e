import { describe, test } from 'vitest'
import { expectCommandExample, expectHttpExample } from '../../support/example-agent.ts'
import { command, sayMissing } from '../../support/outside.ts'

const AGENT = 'deploy/examples/python/agent.py'
const missing = (await command('python3', ['--version'])).code !== 0
if (missing) sayMissing('the example in Python', 'there is no python3')

describe.skipIf(missing)('the example in Python runs candidates', () => {
  test('as a command', () => expectCommandExample(`python3 ${AGENT} run`))
  test('as an HTTP endpoint', () => expectHttpExample('python3', [AGENT, 'serve']))
})
