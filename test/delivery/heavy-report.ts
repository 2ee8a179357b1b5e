import { type HeavyResult, isFlat } from './heavy-traffic.ts'
import { machine, table } from './report.ts'

const expectedOf = ({ options: { traces, wide, huge } }: HeavyResult) => ({
  runs: traces + 2,
  // Two spans a trace, and the roots of the wide and the huge one.
  spans: 2 * traces + wide + huge + 2,
})

/** Everything arrived once, and no role needed ever more memory. */
export const isBounded = (result: HeavyResult): boolean => {
  const { runs, spans } = expectedOf(result)
  return result.runs === runs && result.spans === spans && result.memory.every(isFlat)
}

export const heavyReport = (result: HeavyResult): string => {
  const { options, seconds, memory } = result
  const expected = expectedOf(result)
  return [
    '### Heavy traffic',
    '',
    `${options.traces} traces at once, one of ${options.wide} spans, one of ${options.huge} spans of 1 MiB, on Kafka and a ClickHouse server: ${result.runs} of ${expected.runs} runs, ${result.spans} of ${expected.spans} spans in them, after ${seconds} s on ${machine()}.`,
    '',
    ...table(
      ['role', 'peak RSS, first third', 'second third', 'last third', ''],
      memory.map((one) => [
        one.role,
        ...one.peaks.map((peak) => `${peak} MiB`),
        isFlat(one) ? 'flat' : '**grows**',
      ]),
    ),
    '',
  ].join('\n')
}
