// Prints how often the gate's method errs and how often it sees what is there: `node test/bench/gate-calibration.ts [RUNS]`.
import { meanPValue } from '../../controller/regression-tester/bounded-mean.ts'
import { type Random, seededRandom } from '../../schemas/seeded-random.ts'

interface World {
  readonly name: string
  readonly draw: (random: Random) => number
}

/** Differences of K-run means: losses and wins of single runs with these probabilities. */
const runs = (loss: number, win: number, k = 1): World => ({
  name: `loses ${loss.toFixed(3)}, wins ${win.toFixed(3)}, K=${k}`,
  draw: (random) => {
    let sum = 0
    for (let i = 0; i < k; i += 1) {
      const u = random()
      sum += u < loss ? -1 : u < loss + win ? 1 : 0
    }
    return sum / k
  },
})

const uniformLoss = (margin: number): World => ({
  name: `graded, mean −${margin}`,
  draw: (random) => -2 * margin * random(),
})

const SUPPORT = { low: -1, high: 1 }

export const shareDeclared = (
  { draw, name }: World,
  { n, margin, alpha, trials }: { n: number; margin: number; alpha: number; trials: number },
): number => {
  const random = seededRandom(`${name}/${n}/${margin}`)
  let declared = 0
  for (let trial = 0; trial < trials; trial += 1) {
    const differences = Array.from({ length: n }, () => draw(random))
    if (meanPValue(differences, SUPPORT, -margin) < alpha) declared += 1
  }
  return declared / trials
}

export const boundaryWorlds = (margin: number): readonly World[] => [
  runs(margin, 0),
  runs(margin + 0.05, 0.05),
  runs(margin + 0.2, 0.2),
  runs(margin + 0.2, 0.2, 4),
  uniformLoss(margin),
]

const harmlessWorlds: readonly World[] = [
  runs(0, 0),
  runs(0.005, 0.005),
  runs(0.05, 0.05),
  runs(0.2, 0.2),
  runs(0.15, 0.15, 4),
  runs(0.02, 0.07),
]

if (import.meta.main) {
  const trials = Number(process.argv[2] ?? 2000)
  const print = (kind: string, world: World, n: number, margin: number): void => {
    const share = shareDeclared(world, { n, margin, alpha: 0.05, trials })
    process.stdout.write(
      `${kind} | ${world.name} | n=${n} δ=${margin} | ${(100 * share).toFixed(1)} %\n`,
    )
  }
  const designs = [
    [29, 0.1],
    [59, 0.05],
    [59, 0.1],
    [100, 0.05],
    [100, 0.1],
    [200, 0.05],
    [400, 0.05],
  ] as const
  for (const [n, margin] of designs) {
    for (const world of boundaryWorlds(margin)) print('error', world, n, margin)
    for (const world of harmlessWorlds) print('power', world, n, margin)
  }
}
