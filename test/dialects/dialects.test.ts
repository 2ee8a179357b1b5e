import { beforeAll, describe, expect, test } from 'vitest'
import { captureOtlp } from '../support/dialect-capture.ts'
import { factsOf, type Silence } from '../support/dialect-facts.ts'
import { type CapturedTrace, capturedTraces } from '../support/dialect-golden.ts'
import { matchGolden } from '../support/match-golden.ts'

interface Watcher {
  readonly dialect: string
  readonly silent?: readonly Silence[]
}

/** Programs of `agents/`: each is the same agent, watched by another package. */
const WATCHERS: Readonly<Record<string, Watcher>> = {
  // Its calls are of the previous conventions, the agent around them of the current ones.
  otel: { dialect: 'gen-ai' },
  openinference: { dialect: 'openinference', silent: ['usage of streams', 'failed calls'] },
  traceloop: { dialect: 'traceloop', silent: ['usage of streams', 'failed calls'] },
  langfuse: { dialect: 'langfuse' },
  'ai-sdk-v5': { dialect: 'ai-sdk' },
  'ai-sdk-v6': { dialect: 'ai-sdk' },
  'ai-sdk-v7': { dialect: 'ai-sdk' },
}

const captured = new Map<string, readonly CapturedTrace[]>()
beforeAll(async () => {
  for (const name of Object.keys(WATCHERS)) {
    const parameters = [`test/dialects/agents/${name}.mjs`]
    captured.set(name, capturedTraces(await captureOtlp({ program: process.execPath, parameters })))
  }
}, 120_000)
const tracesOf = (name: string): readonly CapturedTrace[] => captured.get(name) ?? []

describe.each(Object.entries(WATCHERS))('the desk watched by %s', (name, { dialect, silent }) => {
  const told = (what: Silence): boolean => silent?.includes(what) !== true

  test('sends what it sent before, and it becomes the runs that it became', () => {
    matchGolden(`test/dialects/goldens/${name}.json`, tracesOf(name))
  })

  test('is one run a turn', () => {
    expect(tracesOf(name).map(({ runs }) => runs.map((run) => run.dialect))).toEqual([
      [dialect],
      [dialect],
      [dialect],
    ])
  })

  // The AI SDK keeps silent about nothing.
  test('has the agent, model, tools, messages, tokens and errors that every other has', () => {
    expect(tracesOf(name).map(({ runs }) => runs.map((run) => factsOf(run, told)))).toEqual(
      tracesOf('ai-sdk-v7').map(({ runs }) => runs.map((run) => factsOf(run, told))),
    )
  })
})
