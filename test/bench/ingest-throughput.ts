// Prints spans per second: `node test/bench/ingest-throughput.ts [SPANS] [TEXT]`.
// Spans with a text of 600 characters (1.2 kB as a whole), ten a trace, 500 a request, over HTTP in protobuf; first receiver → event log, then event log → store.
import { randomBytes } from 'node:crypto'
import { encodeTraces } from '../../pipeline/otlp/encode.ts'
import { startReceiver } from '../../pipeline/receiver/main.ts'
import { startWriter } from '../../pipeline/writer/main.ts'
import { anOtlpSpan, attribute, tracesWith } from '../support/an-otlp-span.ts'
import { openTestContext } from '../support/open-test-context.ts'

const SPANS_PER_REQUEST = 500
const SPANS_PER_TRACE = 10
const SENDERS = 4

const requests = Math.ceil(Number(process.argv[2] ?? 100_000) / SPANS_PER_REQUEST)
const spans = requests * SPANS_PER_REQUEST

const text = randomBytes(Number(process.argv[3] ?? 600) / 2).toString('hex')
const attributes = [
  ...Array.from({ length: 12 }, (_, i) => attribute(`gen_ai.attribute.number.${i}`, `value ${i}`)),
  attribute('gen_ai.output.messages', text),
]

const body = (request: number): Buffer => {
  const startTimeUnixNano = BigInt(Date.now()) * 1_000_000n
  const batch = Array.from({ length: SPANS_PER_REQUEST }, (_, i) =>
    anOtlpSpan({
      traceId: (request * SPANS_PER_REQUEST + Math.floor(i / SPANS_PER_TRACE) + 1)
        .toString(16)
        .padStart(32, '0'),
      spanId: (i + 1).toString(16).padStart(16, '0'),
      attributes,
      startTimeUnixNano,
      endTimeUnixNano: startTimeUnixNano + 5_000_000n,
    }),
  )
  return Buffer.from(encodeTraces(tracesWith(batch)))
}

const context = await openTestContext({
  configuration: { receiver: { grpcPort: 0, httpPort: 0 } },
})
const receiver = await startReceiver(context)
const bodies = Array.from({ length: requests }, (_, request) => body(request))

const measured = async (what: string, act: () => Promise<void>): Promise<void> => {
  const startedMs = performance.now()
  const cpu = process.cpuUsage()
  await act()
  const seconds = (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const cpuSeconds = (user + system) / 1e6
  const rate = (per: number): string => `${Math.round(spans / per / 100) / 10}k`
  process.stdout.write(
    `${what}: ${spans} spans of ${Math.round((bodies[0]?.length ?? 0) / SPANS_PER_REQUEST)} B, ` +
      `${rate(seconds)} spans/s, ${rate(cpuSeconds)} spans per CPU s, ` +
      `RSS ${Math.round(process.memoryUsage.rss() / 1e6)} MB\n`,
  )
}

await measured('receiver → log', async () => {
  const left = [...bodies]
  const send = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const answer = await fetch(`http://127.0.0.1:${receiver.httpPort}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: next,
      })
      if (answer.status !== 200) throw new Error(`answered ${answer.status}`)
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, send))
})

await measured('log → store', async () => {
  const writer = await startWriter(context)
  const left = async (): Promise<bigint> =>
    (await context.log.lag('neosigma-writer')).reduce(
      (sum, { committed, end }) => sum + end - (committed ?? 0n),
      0n,
    )
  while ((await left()) > 0n) await new Promise((resolve) => setTimeout(resolve, 20))
  await writer.stop()
})

const [row] = await context.store.query<{ readonly n: string }>(
  'SELECT count() AS n FROM otel_traces FINAL',
)
process.stdout.write(`stored: ${row?.n}\n`)
await receiver.stop()
await context.close()
