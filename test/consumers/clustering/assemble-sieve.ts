// Assembles `pair-sieve.wat`: `node test/consumers/clustering/assemble-sieve.ts` writes `pair-sieve-code.ts`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import openAssembler from 'wabt'

const FOLDER = join(import.meta.dirname, '../../../consumers/clustering')
const LINE = 100

/** The text of `pair-sieve-code.ts` as the assembler makes it now. */
export const assembledSieve = async (): Promise<string> => {
  const assembler = await openAssembler()
  const features = { simd: true, relaxed_simd: true }
  const text = readFileSync(join(FOLDER, 'pair-sieve.wat'), 'utf8')
  using module = disposable(assembler.parseWat('pair-sieve.wat', text, features))
  module.validate()
  const code = Buffer.from(module.toBinary({}).buffer).toString('base64')
  const lines = code.match(new RegExp(`.{1,${LINE - 4}}`, 'gu')) ?? []
  return [
    '/** `pair-sieve.wat`, assembled by `test/consumers/clustering/assemble-sieve.ts`: base64. */',
    'export const PAIR_SIEVE_CODE =',
    `${lines.map((line) => `  '${line}'`).join(' +\n')}`,
    '',
  ].join('\n')
}

const disposable = <Module extends { destroy(): void }>(module: Module): Module & Disposable =>
  Object.assign(module, { [Symbol.dispose]: () => module.destroy() })

export const SIEVE_CODE_FILE = join(FOLDER, 'pair-sieve-code.ts')

if (import.meta.main) writeFileSync(SIEVE_CODE_FILE, await assembledSieve())
