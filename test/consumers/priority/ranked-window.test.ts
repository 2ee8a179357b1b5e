import { describe, expect, test } from 'vitest'
import { trendOf } from '../../../consumers/priority/cluster-counts.ts'
import type { KindCounts } from '../../../consumers/priority/failure-kinds.ts'
import { failuresIn } from '../../../consumers/priority/failure-table.ts'
import { failureWindow, HOUR_MS } from '../../../consumers/priority/failure-window.ts'
import { nameNumber } from '../../../consumers/priority/name-number.ts'
import { rankKey } from '../../../consumers/priority/priority-score.ts'
import { rankClusters } from '../../../consumers/priority/rank-clusters.ts'
import {
  advanceWindow,
  countsOfCell,
  countsOfCluster,
  dropFailure,
  evictFailures,
  moveFailure,
  putFailure,
} from '../../../consumers/priority/ranked-window.ts'
import { rankedWindow, windowStore } from '../../../consumers/priority/window-state.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'

const START = Date.UTC(2026, 10, 1)
const HALF_LIFE = 24

interface Held {
  readonly traceId: string
  readonly cluster: string
  readonly taskType: string | null
  readonly fingerprint: number
  readonly score: number
  readonly atMs: number
  readonly user: string | null
  readonly session: string | null
}

const hex = (number: number): string => number.toString(16).padStart(32, '0')

/** The window under test, and beside it a plain list of what it should hold. */
const openWindow = (name = 'desk', store = windowStore()) => {
  const window = rankedWindow(store, name, HALF_LIFE)
  const held = new Map<string, Held>()
  const rowOf = (traceId: string): number => store.table.traces.rowOf(traceId)
  return {
    window,
    store,
    held,
    put: (one: Held): void => {
      if (held.has(one.traceId)) dropFailure(window, rowOf(one.traceId))
      held.set(one.traceId, one)
      putFailure(store, window, {
        ...one,
        revision: nameNumber(one.traceId),
        clusterId: one.cluster,
        user: nameNumber(one.user),
        session: nameNumber(one.session),
      })
    },
    drop: (traceId: string): void => {
      held.delete(traceId)
      dropFailure(window, rowOf(traceId))
    },
    move: (traceId: string, cluster: string): void => {
      const known = held.get(traceId)
      if (known === undefined) throw new Error('not held')
      held.set(traceId, { ...known, cluster })
      moveFailure(store, window, rowOf(traceId), cluster)
    },
    advance: (startMs: number): void => advanceWindow(window, startMs),
    evict: (beforeMs: number): void => {
      for (const { traceId, atMs } of [...held.values()])
        if (atMs < Math.min(beforeMs, window.startMs)) held.delete(traceId)
      evictFailures(window, beforeMs, () => undefined)
    },
  }
}
type Opened = ReturnType<typeof openWindow>

/** Everything from the list, nothing remembered. */
const recomputed = ({ held, window }: Opened, taskType?: string | null) => {
  const groups = new Map<string, Held[]>()
  for (const one of held.values()) {
    if (one.cluster === '' || one.atMs < window.startMs) continue
    if (taskType !== undefined && one.taskType !== taskType) continue
    const group = groups.get(one.cluster)
    if (group === undefined) groups.set(one.cluster, [one])
    else group.push(one)
  }
  return [...groups].map(([id, list]) => ({
    id,
    list,
    counts: list.reduce(failureWindow.add, failureWindow.empty),
  }))
}

const byKey = (clusters: ReturnType<typeof recomputed>): string[] =>
  clusters
    .map(({ id, counts }) => ({
      id,
      key: rankKey(
        { ...failureWindow.result(counts, counts.latestMs), latestMs: counts.latestMs },
        HALF_LIFE,
      ),
    }))
    .sort((a, b) => (a.key === b.key ? (a.id < b.id ? -1 : 1) : b.key > a.key ? 1 : -1))
    .map(({ id }) => id)

const incremental = ({ window }: Opened): string[] =>
  window.ranking.first(Number.POSITIVE_INFINITY).map(({ id }) => id)

const checkStep = (opened: Opened): void => {
  const expected = recomputed(opened)
  expect(incremental(opened)).toEqual(byKey(expected))
}

/** Also counts, users, sessions, the newest five, ranks, kinds and the rankings of each task type. */
const checkAll = (opened: Opened, asOfMs: number): void => {
  const { window, held } = opened
  const expected = recomputed(opened)
  const shown = window.ranking
    .first(Number.POSITIVE_INFINITY)
    .map((cluster) => ({ id: cluster.id, counts: countsOfCluster(window, cluster) }))
  const time = { asOfMs, halfLifeHours: HALF_LIFE }
  expect(rankClusters(shown, time)).toEqual(
    rankClusters(
      expected.map(({ id, counts }) => ({ id, counts })),
      time,
    ),
  )
  for (const [place, id] of byKey(expected).entries()) {
    const cluster = window.clusters.get(id)
    const { list } = expected.find((one) => one.id === id) ?? { list: [] }
    const names = (of: 'user' | 'session') =>
      new Set(list.map((one) => one[of]).filter((name) => name !== null)).size
    expect([cluster?.users, cluster?.sessions]).toEqual([names('user'), names('session')])
    expect(window.ranking.rankOf(cluster?.key ?? 0, id)).toBe(place + 1)
    const hour = (one: Held): number =>
      Math.floor(asOfMs / HOUR_MS) - Math.floor(one.atMs / HOUR_MS)
    const last = list.filter((one) => hour(one) < 24).length
    const before = list.filter((one) => hour(one) >= 24 && hour(one) < 48).length
    expect(cluster && trendOf(cluster.hours, asOfMs)).toBe(Math.log2((last + 0.5) / (before + 0.5)))
  }
  const counted = [...held.values()].filter(({ atMs }) => atMs >= window.startMs)
  const kinds = [...Map.groupBy(counted, ({ fingerprint }) => fingerprint).values()]
  const of = (count: number): number => kinds.filter(({ length }) => length === count).length
  expect({ ...window.kinds, counts: [] }).toEqual({
    counts: [],
    failures: counted.length,
    kinds: kinds.length,
    once: of(1),
    twice: of(2),
  } satisfies KindCounts)
  const types = new Set(counted.map(({ taskType }) => taskType))
  expect(new Set(window.taskTypes.keys())).toEqual(types)
  for (const [taskType, { ranking, failures, noise }] of window.taskTypes) {
    const ofType = counted.filter((one) => one.taskType === taskType)
    expect(failures).toBe(ofType.length)
    expect(noise).toBe(ofType.filter(({ cluster }) => cluster === '').length)
    const cells = ranking.first(Number.POSITIVE_INFINITY)
    const groups = recomputed(opened, taskType)
    expect(cells.map(({ cluster }) => cluster.id)).toEqual(byKey(groups))
    for (const cell of cells)
      expect(countsOfCell(window, cell)).toEqual(
        groups.find(({ id }) => id === cell.cluster.id)?.counts,
      )
  }
}

/** Failures (also late ones and revisions of known ones), relabels, moves, time and evictions at random. */
const randomEvents = (opened: Opened): (() => number) => {
  const random = seededRandom(20261125)
  const below = (most: number): number => Math.floor(random() * most)
  const { held } = opened
  let nowMs = START
  const anyCluster = (): string => (below(8) === 0 ? '' : `c${below(12)}`)
  // Coarse times and scores: ties in every part of the key.
  const some = (): Held => ({
    traceId: hex(below(5000)),
    cluster: anyCluster(),
    taskType: [null, 'refund', 'status'][below(3)] ?? null,
    fingerprint: below(40),
    score: [0, 0, 0.25, 0.5, 1][below(5)] ?? 0,
    atMs: nowMs - (random() < 0.15 ? below(40) * HOUR_MS : below(4) * 600_000),
    user: below(3) === 0 ? null : `u${below(20)}`,
    session: below(3) === 0 ? null : `s${below(60)}`,
  })
  const present = (): string => [...held.keys()][below(held.size)] ?? ''
  return () => {
    const kind = random()
    if (kind < 0.55 || held.size < 5) opened.put(some())
    else if (kind < 0.7) opened.drop(present())
    else if (kind < 0.85) opened.move(present(), anyCluster())
    else if (kind < 0.97) {
      nowMs += below(3) * 600_000
      opened.advance(nowMs - 24 * HOUR_MS)
    } else opened.evict(nowMs - 30 * HOUR_MS)
    return nowMs
  }
}

describe('the ranked window', () => {
  test('ranks as a recomputation does at every one of a hundred thousand random events', () => {
    const opened = openWindow()
    const driver = randomEvents(opened)
    let checks = 0
    for (let event = 0; event < 100_000; event++) {
      const nowMs = driver()
      if (event % 50 === 0) checkAll(opened, nowMs)
      else checkStep(opened)
      checks++
    }
    expect(checks).toBe(100_000)
    expect(failuresIn(opened.store.table)).toBe(opened.held.size)
  }, 120_000)

  test('forgets everything when everything is dropped', () => {
    const opened = openWindow()
    for (let n = 0; n < 500; n++)
      opened.put({
        traceId: hex(n),
        cluster: `c${n % 7}`,
        taskType: `t${n % 3}`,
        fingerprint: n % 11,
        score: n / 1000,
        atMs: START + n * 1000,
        user: `u${n % 13}`,
        session: null,
      })
    opened.advance(START + HOUR_MS)
    opened.evict(START + HOUR_MS)
    const { window, store } = opened
    expect(failuresIn(store.table)).toBe(0)
    expect([window.clusters.size, window.taskTypes.size, window.ranking.size()]).toEqual([0, 0, 0])
    expect(store.table.cells.every((cell) => cell === null)).toBe(true)
    expect({ ...window.kinds, counts: [] }).toEqual({
      counts: [],
      failures: 0,
      kinds: 0,
      once: 0,
      twice: 0,
    })
  })

  test('ranks what costs nothing last, and what has no failures not at all', () => {
    const opened = openWindow()
    const one = { taskType: null, fingerprint: 0, user: null, session: null, atMs: START }
    opened.put({ ...one, traceId: hex(1), cluster: 'b-free', score: 1 })
    opened.put({ ...one, traceId: hex(2), cluster: 'a-free', score: 1 })
    opened.put({ ...one, traceId: hex(3), cluster: 'costs', score: 0.9 })
    expect(incremental(opened)).toEqual(['costs', 'a-free', 'b-free'])
    opened.drop(hex(3))
    expect(incremental(opened)).toEqual(['a-free', 'b-free'])
  })

  test('keeps the windows of two agents apart in one table', () => {
    const store = windowStore()
    const [a, b] = [openWindow('a', store), openWindow('b', store)]
    const one = { taskType: null, fingerprint: 0, score: 0, user: 'u', session: 's', atMs: START }
    a.put({ ...one, traceId: hex(1), cluster: 'c' })
    b.put({ ...one, traceId: hex(2), cluster: 'c' })
    a.drop(hex(1))
    expect(incremental(a)).toEqual([])
    expect(incremental(b)).toEqual(['c'])
    expect(b.window.clusters.get('c')?.users).toBe(1)
  })

  test('ranks task types beyond two hundred together', () => {
    const opened = openWindow()
    for (let n = 0; n < 300; n++)
      putFailure(opened.store, opened.window, {
        traceId: hex(n),
        revision: 1,
        clusterId: 'c',
        taskType: `t${n}`,
        fingerprint: 0,
        score: 0,
        atMs: START,
        user: 0,
        session: 0,
      })
    expect(opened.window.taskTypes.size).toBe(201)
    expect(opened.window.taskTypes.get('(other task types)')?.failures).toBe(100)
    expect(opened.window.clusters.get('c')?.count).toBe(300)
  })
})
