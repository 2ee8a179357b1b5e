import { seededRandom, seedOf } from '../../schemas/seeded-random.ts'
import { remainingProposals } from './budget.ts'
import { crossConfigs } from './cross-configs.ts'
import { objectiveOf, scoresOn } from './objective.ts'
import type { ProposalOrder, SearchState } from './search-state.ts'
import { selectParent } from './select-parents.ts'

/** How many earlier attempts a proposer is reminded of. */
const REMEMBERED = 12

/**
 * The proposals of one generation: crossovers are computed here, directed edits are ordered once per chosen parent,
 * so that one model call sees its own alternatives and makes them differ.
 */
export const planGeneration = (state: SearchState): SearchState => {
  const random = seededRandom(`${state.setup.seed}/generation/${state.generation}`)
  const { population, elite, crossover } = state.setup.policy
  const slots = state.generation === 1 ? population : Math.max(1, population - elite)
  const crossed: ProposalOrder[] = []
  const edits = new Map<string, number>()
  for (let slot = 0; slot < Math.min(slots, remainingProposals(state)); slot += 1) {
    const parent = selectParent(state, random)
    const wantsCross = random() < crossover
    const other = selectParent(state, random)
    const known = crossed.flatMap((order) => order.known)
    const cross = wantsCross && other !== parent ? crossing(state, [parent, other], known) : null
    if (cross === null) edits.set(parent, (edits.get(parent) ?? 0) + 1)
    else crossed.push({ ...cross, id: `generation-${state.generation}/cross-${crossed.length}` })
  }
  const edited = [...edits].map(([digest, count], index) => ({
    ...orderOn(state, digest),
    id: `generation-${state.generation}/edit-${index}`,
    count,
  }))
  return issueProposals(state, [...edited, ...crossed])
}

const issueProposals = (state: SearchState, orders: readonly ProposalOrder[]): SearchState => ({
  ...state,
  stage: 'propose',
  runs: [],
  answers: {},
  orders: orders.map((order) => ({ ...order, seed: seedOf(`${state.setup.seed}/${order.id}`) })),
  spent: {
    ...state.spent,
    proposals: state.spent.proposals + orders.reduce((sum, { count }) => sum + count, 0),
  },
})

const orderOn = (state: SearchState, digest: string): ProposalOrder => ({
  id: '',
  operator: 'directed-edit',
  count: 1,
  parents: [digest],
  parent: state.candidates[digest]?.config ?? state.setup.baseline.config,
  diagnosis: state.setup.diagnosis,
  constraints: state.setup.constraints,
  taskScores: taskScores(state, digest),
  tried: tried(state),
  known: [...Object.keys(state.candidates), ...state.setup.excluded],
  seed: 0,
  ready: null,
})

/** A crossover order with its child in it, or null when the parents give nothing new. */
const crossing = (
  state: SearchState,
  parents: readonly [string, string],
  taken: readonly string[],
): ProposalOrder | null => {
  const order = orderOn(state, parents[0])
  const second = state.candidates[parents[1]]
  if (second === undefined) return null
  const known = [...order.known, ...taken]
  const child = crossConfigs({
    baseline: state.setup.baseline.config,
    first: order.parent,
    second: second.config,
    known,
    random: seededRandom(`${state.setup.seed}/cross/${state.generation}/${parents.join('/')}`),
  })
  if (child === null) return null
  const hypotheses = parents.map((digest) => state.candidates[digest]?.hypothesis ?? '')
  return {
    ...order,
    operator: 'crossover',
    parents,
    known: [...known, child.digest],
    ready: {
      patch: child.patch,
      hypothesis: hypotheses.filter((text) => text !== '').join(' · '),
      expectedFixes: [],
      fearedRegressions: [],
    },
  }
}

const taskScores = (state: SearchState, digest: string): ProposalOrder['taskScores'] => {
  const scores = scoresOn(state, digest, 'fix')
  const replicates = scores.length / state.setup.fixTaskIds.length
  return state.setup.fixTaskIds
    .map((taskId, index) => {
      const own = scores.slice(index * replicates, (index + 1) * replicates)
      return { taskId, score: own.reduce((sum, score) => sum + score, 0) / own.length }
    })
    .sort((a, b) => a.score - b.score)
}

const tried = (state: SearchState): ProposalOrder['tried'] =>
  Object.values(state.candidates)
    .filter(({ operator }) => operator !== 'baseline')
    .map(({ digest, hypothesis }) => ({
      hypothesis,
      objective: state.evaluated.includes(digest) ? objectiveOf(state, digest) : null,
    }))
    .slice(-REMEMBERED)
