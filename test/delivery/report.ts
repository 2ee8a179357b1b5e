import { cpus } from 'node:os'
import type { Death } from './deaths.ts'
import { isEqual } from './figures.ts'
import type { Delivery } from './run-delivery.ts'

const ENGINES = { embedded: 'SQLite + chDB', kafka: 'Kafka + ClickHouse server' } as const

/** Whether everything that was sent is there once, and every kill has fallen. */
export const isClean = ({ figures }: Delivery): boolean => figures?.every(isEqual) === true

/** The result in Markdown: figures, where the kills fell, the faults between them. */
export const report = (delivery: Delivery): string => {
  const { engine, seed, kills, deaths, figures, faults, seconds } = delivery
  const between = deaths.filter((death) => death.between).length
  const jumped = deaths.filter(({ clockJumps }) => clockJumps).length
  return [
    `### ${ENGINES[engine]}`,
    '',
    `Seed \`${seed}\`, ${deaths.length} of ${kills} kills, ${between} of them between acknowledgement and commit, ${jumped} while the clock jumped; ${seconds} s on ${machine()}.`,
    '',
    ...(figures === null
      ? ['The time was over before the last kill; the same command with `--folder` goes on.']
      : table(
          ['', 'sent', 'stored', 'counted', 'missing', 'twice', ''],
          figures.map((one) => [
            one.what,
            one.sent,
            one.stored,
            one.counted,
            one.missing,
            one.twice,
            isEqual(one) ? 'equal' : '**differs**',
          ]),
        )),
    '',
    ...table(['killed', 'where it fell', 'kills', 'acknowledged, not committed'], places(deaths)),
    '',
    ...(faults.length === 0 ? [] : [...told(faults), '']),
  ].join('\n')
}

/** What happened several times is told once, with the number. */
const told = (faults: readonly string[]): readonly string[] =>
  [...Map.groupBy(faults, (fault) => fault)].map(([fault, { length }]) =>
    length === 1 ? `- ${fault}` : `- ${fault} (${length} times)`,
  )

export const machine = (): string => {
  const [first] = cpus()
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`
}

type Cell = string | number

export const table = (
  head: readonly Cell[],
  rows: readonly (readonly Cell[])[],
): readonly string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)

const places = (deaths: readonly Death[]): readonly (readonly Cell[])[] =>
  [...Map.groupBy(deaths, ({ role, place, between }) => JSON.stringify([role, place, between]))]
    .map(([key, group]): readonly Cell[] => {
      const [role, place, between] = JSON.parse(key) as [string, string, boolean]
      return [role, place.replaceAll('|', '→'), group.length, between ? 'yes' : 'no']
    })
    .sort((a, b) => String(a).localeCompare(String(b)))
