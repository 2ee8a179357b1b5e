import { expect, test } from 'vitest'
import { samplerOf } from '../../instrumentation/sampler.ts'

test.each([
  [undefined, undefined, 'ParentBased{root=AlwaysOnSampler'],
  ['', '', 'ParentBased{root=AlwaysOnSampler'],
  ['always_on', undefined, 'AlwaysOnSampler'],
  ['always_off', undefined, 'AlwaysOffSampler'],
  ['traceidratio', '0.25', 'TraceIdRatioBased{0.25}'],
  ['parentbased_always_off', undefined, 'ParentBased{root=AlwaysOffSampler'],
  ['parentbased_traceidratio', '0.5', 'ParentBased{root=TraceIdRatioBased{0.5}'],
  ['traceidratio', 'often', 'AlwaysOnSampler'],
  ['traceidratio', '7', 'AlwaysOnSampler'],
  ['sometimes', undefined, 'AlwaysOnSampler'],
])('%s with %s is %s', (name, argument, described) => {
  expect(samplerOf(name, argument).toString()).toContain(described)
})
