import type { Random } from '../../schemas/seeded-random.ts'

export type KilledRole = 'receiver' | 'writer' | 'runs' | 'miner' | 'controller'
export const KILLED_ROLES = ['writer', 'runs', 'miner', 'controller', 'receiver'] as const

export interface KillPoint {
  readonly role: KilledRole
  /** As the wrappers of the engines' ports name it. */
  readonly name: string
  /** What it falls between. */
  readonly place: string
  /** Something is acknowledged to whoever sent it, and not committed by whoever works on it. */
  readonly between: boolean
  /** The process dies at one of so many first crossings. */
  readonly crossings: number
}

const point = (role: KilledRole, name: string, place: string, crossings: number): KillPoint => ({
  role,
  name,
  place,
  // Before the receiver answers nothing is acknowledged, and after a commit nothing is open.
  between: role !== 'receiver' && !place.startsWith('after'),
  crossings,
})

const RUNS = 'neosigma.runs.v1'
const CYCLES = 'neosigma.cycle-events.v1'
const DECISIONS = 'neosigma.deployment-decisions.v1'

export const KILL_POINTS: readonly KillPoint[] = [
  point('receiver', 'before append otlp_spans', 'before the append of spans', 20),
  point('receiver', 'after append otlp_spans', 'append of spans | acknowledgement', 20),
  point('receiver', 'after append otlp_logs', 'append of logs | acknowledgement', 20),
  point('writer', 'before insert otel_traces', 'acknowledgement | insert of spans', 25),
  point('writer', 'after insert otel_traces', 'insert of spans | commit', 25),
  point('writer', 'before commit neosigma-writer otlp_spans', 'insert of spans | commit', 25),
  point('writer', 'after commit neosigma-writer otlp_spans', 'after the commit of spans', 25),
  point('writer', 'before insert otel_logs', 'acknowledgement | insert of logs', 25),
  point('writer', 'after insert otel_logs', 'insert of logs | commit', 25),
  point('runs', 'before insert neosigma_signals', 'acknowledgement | insert of signals', 12),
  point('runs', 'after insert neosigma_signals', 'insert of signals | commit', 12),
  point('runs', 'before insert neosigma_runs', 'spans stored | insert of runs', 4),
  point('runs', 'after insert neosigma_runs', 'insert of runs | publish', 4),
  point('runs', `after append ${RUNS}`, 'publish of runs | mark', 4),
  point('runs', 'after insert neosigma_assemblies', 'after the mark of runs', 4),
  point('miner', 'before insert neosigma_cluster_members', 'runs published | insert of members', 8),
  point('miner', 'after insert neosigma_cluster_members', 'insert of members | publish', 8),
  point('miner', 'after append neosigma.ranked-clusters.v1', 'publish of the ranking | commit', 8),
  point('miner', `before commit neosigma-miner ${RUNS}`, 'publish of the ranking | commit', 12),
  point('miner', `after commit neosigma-miner ${RUNS}`, 'after the commit of runs', 12),
  point('controller', `after append ${CYCLES}`, 'cycle event | what follows from it', 12),
  point('controller', 'after append neosigma.evaluations.v1', 'evaluation | its use', 25),
  point('controller', `before append ${DECISIONS}`, 'decision made | published', 1),
  point('controller', `after append ${DECISIONS}`, 'decision published | noted', 1),
  point('controller', 'after insert neosigma_decisions', 'listing of decisions | commit', 2),
  point('controller', 'after insert neosigma_cycles', 'listing of cycles | commit', 6),
]

export interface Kill {
  readonly number: number
  readonly point: KillPoint
  readonly crossing: number
  /** Whether the clock of the process jumps meanwhile. */
  readonly clockJumps: boolean
}

/** A point of the role (or of any), and at which of its crossings. */
export const drawKill = (number: number, random: Random, role: KilledRole | null): Kill => {
  const points = KILL_POINTS.filter((one) => role === null || one.role === role)
  const drawn = points[Math.floor(random() * points.length)] ?? points[0]
  if (drawn === undefined) throw new Error(`no point of ${role}`)
  // A process of its own waits for its group first, and comes by fewer points in its life.
  const most = role === null ? drawn.crossings : Math.ceil(drawn.crossings / 4)
  const crossing = 1 + Math.floor(random() * most)
  return { number, point: drawn, crossing, clockJumps: random() < 0.2 }
}
