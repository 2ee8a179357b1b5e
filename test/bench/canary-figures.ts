// Prints how many runs a canary takes: `node test/bench/canary-figures.ts [TRIALS]`.
import { policy } from '../../schemas/policy.ts'
import { seededRandom } from '../../schemas/seeded-random.ts'
import { drawTraffic, firstJudgement } from '../support/released-traffic.ts'

const trials = Number(process.argv[2] ?? 200)
const { release } = policy.parse({})

for (const weight of [0.2, 0.5])
  for (const [oldRate, newRate] of [
    [0.7, 0.95],
    [0.85, 0.95],
    [0.9, 0.9],
    [0.9, 0.7],
    [0.9, 0.5],
  ] as const) {
    const random = seededRandom(`${weight}/${oldRate}/${newRate}`)
    const results = Array.from({ length: trials }, () =>
      firstJudgement(drawTraffic(random, { oldRate, newRate, weight, runs: 3000 }), release),
    )
    const share = (verdict: string): string => {
      const of = results.filter(({ judgement }) => judgement?.verdict === verdict)
      const runs = of.map((result) => result.runs).sort((a, b) => a - b)
      const median = runs[Math.floor(runs.length / 2)] ?? '–'
      return `${verdict} ${((100 * of.length) / trials).toFixed(1)} % (median ${median} runs)`
    }
    process.stdout.write(
      `share ${weight} | ${oldRate} → ${newRate} | ${share('step')} | ${share('rollback')}\n`,
    )
  }
