import { expect, test } from 'vitest'
import { cycleListing, nextRow } from '../../schemas/cycle-listing.ts'
import { candidateDigest, candidateTested, given, told } from '../support/specify-cycle.ts'

const prepared = [told.started(), told.prepared()]
const rejected = given(...prepared, candidateTested('wide', false)).settled().events
const canary = given(...rejected, candidateTested('narrow', true, 1)).settled().events
const deployed = given(...canary, told.judged('narrow', 'promote', 0.2)).settled().events

test('a cycle is listed with the candidates that were tested, and the evidence of the last', () => {
  const [row] = cycleListing(canary)
  expect(row).toMatchObject({
    id: 'shop-1',
    agent: 'shop',
    clusterId: 'cluster-1',
    outcome: 'Canary',
    candidates: [
      { digest: candidateDigest('wide'), outcome: 'rejected' },
      { digest: candidateDigest('narrow'), outcome: 'passed' },
    ],
  })
  expect(row?.evidence).toEqual(row?.candidates[1]?.evidence)
})

test('a candidate under test has no outcome yet, and neither has its cycle', () => {
  const [row] = cycleListing([
    ...prepared,
    told.searching(),
    told.proposed('wide'),
    told.proposed('other'),
    told.searched('wide'),
    told.planned('wide'),
  ])
  expect(row).toMatchObject({
    outcome: null,
    candidates: [{ digest: candidateDigest('wide'), outcome: null, evidence: [] }],
  })
})

test('a roll-back after the end changes the outcome', () => {
  expect(cycleListing(deployed)).toMatchObject([{ outcome: 'Deployed', stage: 'finished' }])
  const back = given(...deployed, told.judged('narrow', 'rollback', 1)).settled().events
  expect(cycleListing(back)).toMatchObject([{ outcome: 'RolledBack', stage: 'finished' }])
})

test('events of a cycle that has not begun are passed over', () => {
  expect(cycleListing([told.searching()])).toEqual([])
  expect(nextRow(null, told.searching())).toBe(null)
})
