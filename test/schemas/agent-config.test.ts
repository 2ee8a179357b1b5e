import { describe, expect, test } from 'vitest'
import { agentConfig, configDigest, configPatch, promptText } from '../../schemas/agent-config.ts'

const config = agentConfig.parse({
  prompts: {
    system: [
      { id: 'role', text: 'You help.' },
      { id: 'rule', text: 'Be brief.' },
    ],
  },
})

describe('the digest of a configuration', () => {
  test('is the same with defaults filled in and left out, in whatever order', () => {
    const { prompts, ...defaults } = config
    expect(configDigest({ ...defaults, prompts })).toBe(configDigest(config))
    expect(configDigest(agentConfig.parse({ prompts }))).toBe(configDigest(config))
  })

  test('changes with one character, and with the order of sections', () => {
    const [role, rule] = config.prompts['system'] ?? []
    if (role === undefined || rule === undefined) throw new Error('two sections expected')
    const digests = [
      [role, rule],
      [rule, role],
      [{ ...role, text: 'You help!' }, rule],
    ].map((system) => configDigest({ ...config, prompts: { system } }))
    expect(new Set(digests).size).toBe(3)
  })

  test('of the empty configuration is what it always was: stored decisions name it', () => {
    expect(configDigest(agentConfig.parse({}))).toMatchInlineSnapshot(
      `"sha256:d34d19a55811565cf5c6a16d1d2ee6e054069ad8f60ce0ec5f7f0348f57e3f54"`,
    )
  })
})

describe('a configuration', () => {
  test('refuses members that nothing would run', () => {
    expect(agentConfig.safeParse({ temperature: 1 }).success).toBe(false)
    expect(agentConfig.safeParse({ guards: { maxStep: 3 } }).success).toBe(false)
  })

  test('stays itself when it is read again', () => {
    expect(agentConfig.parse(config)).toEqual(config)
  })

  test('joins the sections of a prompt by a blank line', () => {
    expect(promptText(config, 'system')).toBe('You help.\n\nBe brief.')
    expect(promptText(config, 'unknown')).toBe('')
  })
})

test('a patch has no move and no copy', () => {
  const operation = (op: string) => [{ op, path: '/a', from: '/b', value: 1 }]
  expect(configPatch.safeParse(operation('replace')).success).toBe(true)
  expect(configPatch.safeParse(operation('move')).success).toBe(false)
  expect(configPatch.safeParse(operation('copy')).success).toBe(false)
})
