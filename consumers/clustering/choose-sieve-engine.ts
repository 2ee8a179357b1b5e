import { PAIR_SIEVE_CODE } from './pair-sieve-code.ts'
import { plainSieve } from './plain-sieve.ts'
import type { OpenSieveEngine, SieveEngine, SieveLayout } from './sieve-engine.ts'

/** What there is of WebAssembly; the libraries of the language do not know it. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

interface SieveExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  lay(...places: number[]): void
  quantise(...numbers: number[]): void
  sift(left: number, strip: number, rows: number, lanes: number): number
}

const PAGE_BYTES = 65_536

/** Null where there is no WebAssembly with relaxed SIMD. One instance: calls are synchronous, and its memory is scratch. */
const instantiate = (): SieveExports | null => {
  try {
    const api = Reflect.get(globalThis, 'WebAssembly') as WebAssemblyApi
    const module = new api.Module(Buffer.from(PAIR_SIEVE_CODE, 'base64'))
    return new api.Instance(module).exports as SieveExports
  } catch {
    return null
  }
}

const code = instantiate()

/** The engine of this process: WebAssembly where it can be had, else plain TypeScript. */
export const openSieveEngine: OpenSieveEngine = (layout) =>
  code === null ? plainSieve(layout) : webAssemblySieve(code, layout)

/** For tests: null where the process has no WebAssembly. */
export const openWebAssemblySieve: OpenSieveEngine | null =
  code === null ? null : (layout) => webAssemblySieve(code, layout)

const webAssemblySieve = (exports: SieveExports, layout: SieveLayout): SieveEngine => {
  const { memory } = exports
  const missing = layout.end - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
  const { stride, right, leftFine, rightFine, facts, found, raw, centre } = layout
  exports.lay(stride, right, leftFine, rightFine, facts, found, raw, centre)
  return {
    memory: memory.buffer,
    quantise: ({ single, factor, scale, shift, most, bias, coarse, step, fine }) =>
      exports.quantise(single ? 1 : 0, factor, scale, shift, most, bias, coarse, step, fine),
    sift: (strip, rows, lanes) =>
      exports.sift(layout.left + strip * 4 * stride, strip, rows, lanes),
  }
}
