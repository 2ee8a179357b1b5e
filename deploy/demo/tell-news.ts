import type { CycleRow } from '../../schemas/cycle-listing.ts'
import type { DeploymentDecision } from '../../schemas/decision.ts'
import type { Evidence } from '../../schemas/evidence.ts'
import type { Narrator } from './narrator.ts'
import type { SystemView } from './read-system.ts'

const SHOWN_CLUSTERS = 3

/** A thing to be told once. */
interface News {
  readonly key: string
  readonly what: string
  readonly text: string
}

/** Tells what is new in a view since the last one: clusters and diagnoses, candidates with their evidence, decisions. */
export const newsTeller = (
  narrator: Narrator,
): ((view: SystemView, decisions: readonly DeploymentDecision[]) => void) => {
  const told = new Set<string>()
  return (view, decisions) => {
    const news = [
      ...diagnosisNews(view),
      ...view.cycles.flatMap(cycleNews),
      ...decisions.map(decisionNews),
    ]
    for (const { key, what, text } of news) {
      if (told.has(key)) continue
      told.add(key)
      narrator.say(what, text)
    }
  }
}

/** The ranking as it stands, with its three factors. */
export const tellRanking = (narrator: Narrator, view: SystemView): void => {
  for (const cluster of view.clusters.slice(0, SHOWN_CLUSTERS))
    narrator.say(
      'ranking',
      `#${cluster.rank} ${short(cluster.id)} priority ${cluster.priority.toFixed(1)} = ${cluster.failures} failures × severity ${(1 - cluster.meanScore).toFixed(2)} × recency ${cluster.recency.toFixed(2)}`,
    )
}

const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 8)

const diagnosisNews = ({ clusters }: SystemView): readonly News[] =>
  clusters
    .slice(0, SHOWN_CLUSTERS)
    .filter(({ rootCauseType }) => rootCauseType !== 'unknown')
    .map(({ id, rootCauseType, summary }) => ({
      key: `${id}/${summary}`,
      what: 'diagnosis',
      text: `${short(id)} ${rootCauseType}: ${summary}`,
    }))

const cycleNews = (cycle: CycleRow): readonly News[] => [
  {
    key: cycle.id,
    what: 'cycle',
    text: `${cycle.id} takes cluster ${short(cycle.clusterId)} as its target`,
  },
  { key: `${cycle.id}/${cycle.stage}`, what: 'stage', text: cycle.stage },
  ...cycle.candidates.flatMap((candidate) => candidateNews(cycle, candidate)),
]

const candidateNews = (
  { id }: CycleRow,
  { digest, outcome, evidence }: CycleRow['candidates'][number],
): readonly News[] => {
  const key = `${id}/${digest}`
  if (outcome === null)
    return [{ key, what: 'candidate', text: `${short(digest)} goes to the regression test` }]
  const verdict = { key: `${key}/${outcome}`, what: outcome.toUpperCase(), text: short(digest) }
  const lines = evidence.map((part) => ({
    key: `${key}/${part.role}/${part.metric}`,
    what: '',
    text: evidenceLine(part),
  }))
  return [verdict, ...lines]
}

const decisionNews = ({ id, decision, toVersion, canary, reason }: DeploymentDecision): News => {
  const share = canary === null ? '' : ` for ${Math.round(100 * canary.weight)} % of sessions`
  return {
    key: id,
    what: 'decision',
    text: `${decision.toUpperCase()} ${short(toVersion)}${share}: ${reason}`,
  }
}

const signed = (value: number | null): string =>
  value === null ? '–' : value.toFixed(3).replace('-', '−')

const evidenceLine = ({ role, metric, effect, interval, n, verdict }: Evidence): string =>
  `  ${role} ${metric}: ${verdict}, effect ${signed(effect)} [${interval.map(signed).join(', ')}], n = ${n}`
