import { eProcessMethod } from './betting-test.ts'
import { fixedMethod } from './fixed.ts'
import { groupSequentialMethod } from './group-sequential-test.ts'
import type { Method } from './method.ts'
import { sprtMethod } from './sprt-test.ts'

/** The tests that fail closed, by name. The first draft's, which does not, stands apart in `seed-test.ts`. */
export const TEST_METHODS = {
  fixed: fixedMethod,
  sprt: sprtMethod,
  'group-sequential': groupSequentialMethod,
  'e-process': eProcessMethod,
} as const satisfies Readonly<Record<string, Method>>

export type TestMethodName = keyof typeof TEST_METHODS | 'seed'

export const TEST_METHOD_NAMES: readonly TestMethodName[] = [
  'fixed',
  'sprt',
  'group-sequential',
  'e-process',
  'seed',
]
