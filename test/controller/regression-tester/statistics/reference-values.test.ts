import { describe, expect, test } from 'vitest'
import { wilsonInterval } from '../../../../consumers/signals/wilson-interval.ts'
import { adaptiveBets } from '../../../../controller/regression-tester/statistics/adaptive-bets.ts'
import { asymptoticHalfWidth } from '../../../../controller/regression-tester/statistics/asymptotic-sequence.ts'
import { mcNemarTest } from '../../../../controller/regression-tester/statistics/binomial-tests.ts'
import { clusteredStandardError } from '../../../../controller/regression-tester/statistics/clustered-error.ts'
import { cuped } from '../../../../controller/regression-tester/statistics/cuped.ts'
import { eCusum } from '../../../../controller/regression-tester/statistics/cusum.ts'
import { eBenjaminiHochberg } from '../../../../controller/regression-tester/statistics/e-bh.ts'
import {
  farringtonManning,
  farringtonManningInterval,
  farringtonManningPValue,
} from '../../../../controller/regression-tester/statistics/farrington-manning.ts'
import {
  obrienFlemingSpending,
  pocockSpending,
  sequentialBoundaries,
} from '../../../../controller/regression-tester/statistics/group-sequential.ts'
import { nextLordLevel } from '../../../../controller/regression-tester/statistics/lord-plus-plus.ts'
import { varianceOf } from '../../../../controller/regression-tester/statistics/moments.ts'
import {
  benjaminiHochberg,
  benjaminiYekutieli,
  bonferroni,
  holm,
} from '../../../../controller/regression-tester/statistics/multiplicity.ts'
import { pairedTTest } from '../../../../controller/regression-tester/statistics/paired-t-test.ts'
import { ppiMean } from '../../../../controller/regression-tester/statistics/ppi-mean.ts'
import { clopperPearsonInterval } from '../../../../controller/regression-tester/statistics/proportion-intervals.ts'
import {
  type SprtModel,
  sprtLimits,
  sprtStep,
  waldCharacteristic,
} from '../../../../controller/regression-tester/statistics/sprt.ts'
import { exactCharacteristic } from '../../../../controller/regression-tester/statistics/sprt-exact.ts'
import { tTestSize } from '../../../../controller/regression-tester/statistics/t-test-power.ts'
import {
  tangoInterval,
  tangoPValue,
  tangoStatistic,
} from '../../../../controller/regression-tester/statistics/tango-test.ts'
import { testData } from '../../../support/test-data.ts'

// biome-ignore lint/suspicious/noExplicitAny: values of an outside file, each of another shape
const reference = testData('gate_reference.json', 40) as any

const near = (value: number, expected: number, tolerance: number): void => {
  expect(Math.abs(value - expected), `${value} against ${expected}`).toBeLessThanOrEqual(tolerance)
}

describe.skipIf(reference === null)('the values of the reference file are met', () => {
  test('paired t-test', () => {
    const { s0, s1, delta, alpha, ...expected } = reference.paired_NI
    const found = pairedTTest(
      s1.map((score: number, i: number) => score - s0[i]),
      { margin: delta, alpha },
    )
    expect(found).not.toBeNull()
    near(found?.t ?? 0, expected.t, 1e-9)
    near(found?.pValue ?? 0, expected.p, 1e-11)
    near(found?.interval[0] ?? 0, expected.lcb95, 1e-10)
    near(found?.standardError ?? 0, expected.se, 1e-12)
    expect(found?.df).toBe(expected.df)
  })

  test('clustered standard error', () => {
    const { s0, s1 } = reference.paired_NI
    const expected = reference.clustered_SE
    const differences = s1.map((score: number, i: number) => score - s0[i])
    const clusterOf = (index: number): number => expected.groups[index]
    near(
      clusteredStandardError(differences, (i) => i),
      Math.sqrt(19 / 20) * expected.se_iid,
      1e-12,
    )
    near(clusteredStandardError(differences, clusterOf), expected.se_clustered_miller, 1e-12)
    near(
      clusteredStandardError(differences, clusterOf, true),
      expected.statsmodels_corrected,
      1e-12,
    )
  })

  test('McNemar', () => {
    const [[, b], [c]] = reference.mcnemar.table
    near(mcNemarTest(b, c), reference.mcnemar.exact_p, 1e-12)
  })

  test('intervals of a rate', () => {
    for (const [name, { wilson, cp }] of Object.entries<{ wilson: number[]; cp: number[] }>(
      reference.binom_ci95,
    )) {
      const [x, n] = name.split('/').map(Number)
      const { low, high } = wilsonInterval(x ?? 0, n ?? 0)
      near(low, wilson[0] ?? 0, 1e-9)
      near(high, wilson[1] ?? 0, 1e-9)
      for (const side of [0, 1] as const) {
        near(clopperPearsonInterval(x ?? 0, n ?? 0, 0.05)[side], cp[side] ?? 0, 1e-9)
      }
    }
  })

  test('Farrington and Manning', () => {
    const r = reference.rodary_NI
    const groups = {
      candidate: { passed: r.x1, n: r.n1 },
      baseline: { passed: r.x0, n: r.n0 },
    }
    const { z, restricted } = farringtonManning(groups, -r.delta)
    near(z, r.score_FM_Z, 1e-8)
    near(farringtonManningPValue(groups, r.delta), r.p, 1e-10)
    near(restricted[0], r.constrained_mle[0], 1e-8)
    near(restricted[1], r.constrained_mle[1], 1e-8)
    const interval = farringtonManningInterval(groups, 0.05)
    near(interval[0], r.score_ci90[0], 1e-7)
    near(interval[1], r.score_ci90[1], 1e-7)
  })

  test('Tango', () => {
    for (const row of reference.tango_paired_score_NI) {
      const counts = { lost: row.b_new_worse, won: row.c_new_better, n: row.n }
      near(tangoStatistic(counts, -row.delta), row.Z, 5.1e-5)
      near(tangoPValue(counts, row.delta), row.p, 5.1e-5)
      const interval = tangoInterval(counts, 0.025)
      near(interval[0], row.ci95[0], 5.1e-5)
      near(interval[1], row.ci95[1], 5.1e-5)
    }
  })

  test('adjusted p-values', () => {
    const { p, ...expected } = reference.multiplicity
    for (const [adjust, values] of [
      [bonferroni, expected.bonferroni],
      [holm, expected.holm],
      [benjaminiHochberg, expected.fdr_bh],
      [benjaminiYekutieli, expected.fdr_by],
    ])
      for (const [i, value] of adjust(p).entries()) near(value, values[i], 1e-12)
  })

  test('e-BH', () => {
    const e = reference.eBH.e
    expect(eBenjaminiHochberg(e, 0.05).size).toBe(reference.eBH.rejected)
    expect(eBenjaminiHochberg(e, 0.2).size).toBe(reference.eBH_alpha20.rejected)
  })

  test('LORD++', () => {
    const { p, alpha, alphai, R } = reference.LORDpp
    const rejected: boolean[] = []
    for (const [i, value] of p.entries()) {
      const level = nextLordLevel(rejected, alpha)
      near(level, alphai[i], 1e-9)
      rejected.push(value <= level)
    }
    expect(rejected.map(Number)).toEqual(R)
  })

  test('sizes by the non-central t', () => {
    for (const [name, { n_t }] of Object.entries<{ n_t: number }>(reference.power_paired_t)) {
      const [sd, distance] = name.match(/[\d.]+/g)?.map(Number) ?? []
      near(tTestSize({ distance: distance ?? 0, sd: sd ?? 0, alpha: 0.05 }, 0.8), n_t, 1e-3)
    }
  })

  test('CUPED', () => {
    const { x, y, theta, var_adj } = reference.cuped
    const found = cuped(y, x)
    near(found.theta, theta, 1e-12)
    near(varianceOf(found.adjusted), var_adj, 1e-12)
  })

  test('PPI++', () => {
    const { Y, F, F_unlabeled, lam1, tuned, lambda_hat, classical } = reference.ppi_mean
    const sample = { labels: Y, judged: F, unlabelled: F_unlabeled }
    near(ppiMean(sample, 1).estimate, lam1.theta, 1e-12)
    near(ppiMean(sample, 1).standardError, lam1.se, 1e-12)
    near(ppiMean(sample, 0).standardError, classical.se, 1e-12)
    near(ppiMean(sample).lambda, lambda_hat, 1e-12)
    near(ppiMean(sample).estimate, tuned.theta, 1e-12)
    near(ppiMean(sample).standardError, tuned.se, 1e-12)
  })

  test.each([
    ['LDOBF_.025_K3', 0.025, obrienFlemingSpending],
    ['LDOBF_.025_K4', 0.025, obrienFlemingSpending],
    ['LDOBF_.025_K5', 0.025, obrienFlemingSpending],
    ['LDOBF_.05_K3', 0.05, obrienFlemingSpending],
    ['LDOBF_.05_K4', 0.05, obrienFlemingSpending],
    ['LDOBF_.05_K5', 0.05, obrienFlemingSpending],
    ['LDPocock_.025_K3', 0.025, pocockSpending],
    ['LDPocock_.025_K4', 0.025, pocockSpending],
    ['LDPocock_.025_K5', 0.025, pocockSpending],
  ] as const)('boundaries %s', (name, alpha, spending) => {
    const expected: number[] = reference.group_sequential_one_sided_upper_z[name]
    const shares = expected.map((_, k) => (k + 1) / expected.length)
    for (const [k, boundary] of sequentialBoundaries(shares, alpha, spending).entries())
      near(boundary, expected[k] ?? 0, 1.1e-4)
  })

  test('half-widths of the asymptotic sequence', () => {
    for (const [name, { half }] of Object.entries<{ half: number }>(
      reference.normal_mixture_asympCS_halfwidth_unit_sd_two_sided,
    )) {
      const [n, tunedFor] = name.match(/\d+/g)?.map(Number) ?? []
      near(
        asymptoticHalfWidth({ sd: 1, n: n ?? 0, tunedFor: tunedFor ?? 0, alpha: 0.05 }),
        half,
        1e-12,
      )
    }
  })

  test('adaptive bets', () => {
    const r = reference.e_process_log_values_at_n_10_20_30
    for (const margin of [0.05, 0.1])
      for (const most of [0.5, 0.75])
        for (const [betting, name] of [
          ['predictable-mixture', `predmix_c${most}`],
          ['agrapa', `agrapa_c${most}`],
        ] as const) {
          const logs = adaptiveBets(r.d, { margin, alpha: r.alpha, betting, most })
          for (const [i, n] of [10, 20, 30].entries())
            near(logs[n - 1] ?? 0, r[`delta${margin}`][name][i], 1e-6)
        }
  })

  test('e-CUSUM', () => {
    const { x, at, ...floors } = reference.e_detectors
    for (const floor of [0.85, 0.8]) {
      const detector = eCusum(floor)
      for (const [i, n] of at.entries()) {
        const level = detector.result(x.slice(0, n).reduce(detector.add, detector.initial))
        near(level / floors[`m0_${floor}`].eCUSUM[i], 1, 1e-6)
      }
    }
  })
})

describe.skipIf(reference === null)("Wald's test has the reference characteristics", () => {
  for (const row of reference?.sprt ?? []) {
    const model: SprtModel =
      row.kind === 'normal'
        ? { kind: 'normal', mean0: row.mu0, mean1: row.mu1, sd: row.sigma }
        : { kind: 'bernoulli', p0: row.p0, p1: row.p1 }
    test(JSON.stringify(model), () => {
      near(sprtLimits(row).upper, row.lnA, 1e-6)
      near(sprtLimits(row).lower, row.lnB, 1e-6)
      if (row.kind === 'bernoulli') {
        const [win, loss] = [sprtStep(model, 1), sprtStep(model, 0)]
        near(-loss / (win - loss), row.slope, 1e-6)
      }
      for (const [
        truth,
        ocWald,
        ocExact,
        asnWald,
        asnExact,
      ] of row.rows_theta_ocWald_ocExact_asnWald_asnExact) {
        const wald = waldCharacteristic(model, row, truth)
        near(wald.acceptH0, ocWald, 5.1e-5)
        near(wald.meanN, asnWald, 5.1e-3)
        const exact = exactCharacteristic(model, row, truth)
        near(exact.acceptH0, ocExact, 1.1e-4)
        near(exact.meanN, asnExact, 1.1e-2)
      }
    })
  }
})
