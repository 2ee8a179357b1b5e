import { describe, test } from 'vitest'
import { expectCommandExample, expectHttpExample } from '../../support/example-agent.ts'

const AGENT = 'deploy/examples/javascript/agent.mjs'

describe('the example in JavaScript runs candidates', () => {
  test('as a command', () => expectCommandExample(`${process.execPath} ${AGENT} run`))
  test('as an HTTP endpoint', () => expectHttpExample(process.execPath, [AGENT, 'serve']))
})
