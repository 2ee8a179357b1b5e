import { expect, test } from 'vitest'
import {
  normalQuantile,
  normalUpperTail,
} from '../../../controller/regression-tester/normal-distribution.ts'

test.each([
  [0.9, 1.2815515655446004],
  [0.95, 1.6448536269514722],
  [0.975, 1.959963984540054],
  [0.99, 2.3263478740408408],
  [0.999, 3.090232306167813],
])('the quantile of %f is the published one', (p, z) => {
  expect(normalQuantile(p)).toBeCloseTo(z, 11)
  expect(normalQuantile(1 - p)).toBeCloseTo(-z, 11)
})

test.each([
  [0, 0.5],
  [1, 0.15865525393145707],
  [3, 0.0013498980316300946],
  [5, 2.8665157187919333e-7],
  [8, 6.220960574271785e-16],
])('the tail above %f keeps its digits', (z, tail) => {
  expect(Math.abs(normalUpperTail(z) / tail - 1)).toBeLessThan(1e-11)
  expect(normalUpperTail(-z)).toBeCloseTo(1 - tail, 12)
})

test('what is no probability has no quantile', () => {
  expect(normalQuantile(-0.1)).toBeNaN()
  expect(normalQuantile(Number.NaN)).toBeNaN()
  expect(normalUpperTail(Number.NaN)).toBeNaN()
  expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity])
})
