import { sha256 } from '../../schemas/canonical-json.ts'

export const LONG = 100_000

export const hostileTrace = (place: number, copy: number): string =>
  sha256(`${place} ${copy}`).slice(0, 32)

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } })

/**
 * A failed run that says the string in every field that a sender fills, as OTLP in JSON; what is very long, in the error
 * and in what a tool gave.
 */
export const runSaying = (text: string, place: number, copy: number) => {
  const said = text.length > LONG ? 'long' : text
  const traceId = hostileTrace(place, copy)
  const startMs = BigInt(Date.now() - 60_000)
  const span = (number: number, parent: number, attributes: unknown[]) => ({
    traceId,
    spanId: String(number).padStart(16, '0'),
    ...(parent === 0 ? {} : { parentSpanId: String(parent).padStart(16, '0') }),
    name: said,
    kind: 1,
    startTimeUnixNano: String((startMs + BigInt(number)) * 1_000_000n),
    endTimeUnixNano: String((startMs + BigInt(number + 10)) * 1_000_000n),
    traceState: '',
    attributes: [...attributes, attribute(said, said)],
    events: [{ timeUnixNano: '0', name: said, attributes: [attribute(said, said)] }],
    status: { code: 2, message: text },
  })
  return {
    resource: { attributes: [attribute('service.name', said), attribute(said, said)] },
    scopeSpans: [
      {
        scope: { name: said, version: said },
        spans: [
          span(1, 0, [
            attribute('gen_ai.operation.name', 'invoke_agent'),
            attribute('gen_ai.agent.name', 'desk'),
            ...['gen_ai.agent.version', 'gen_ai.prompt.name', 'gen_ai.prompt.version'].map((key) =>
              attribute(key, said),
            ),
            ...['gen_ai.conversation.id', 'user.id', 'neosigma.task.type'].map((key) =>
              attribute(key, said),
            ),
            attribute('gen_ai.input.messages', said),
            attribute('gen_ai.output.messages', said),
            attribute('error.type', said),
          ]),
          span(2, 1, [
            attribute('gen_ai.operation.name', 'execute_tool'),
            ...['name', 'call.arguments', 'call.id', 'definitions'].map((key) =>
              attribute(`gen_ai.tool.${key}`, said),
            ),
            attribute('gen_ai.tool.call.result', text),
            attribute('error.type', said),
          ]),
          span(3, 1, [
            attribute('gen_ai.operation.name', 'chat'),
            ...['gen_ai.request.model', 'gen_ai.response.finish_reasons', 'ai.schema'].map((key) =>
              attribute(key, said),
            ),
          ]),
        ],
      },
    ],
  }
}

/** A signal on it, the same. */
export const signalSaying = (text: string, place: number) => {
  const said = text.length > LONG ? 'long' : text
  return {
    id: `${place} ${said}`,
    traceId: hostileTrace(place, 0),
    spanId: said,
    sessionId: said,
    agent: said,
    name: said,
    type: 'automated',
    value: 0,
    label: said,
    explanation: text,
    source: said,
    version: said,
    userId: said,
  }
}
