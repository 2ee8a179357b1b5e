/** Where things lie in the memory of an engine, in bytes. What is below `HEADER_BYTES` is the engine's own. */
export interface SieveLayout {
  /** Dimensions, padded to a multiple of 16. */
  readonly stride: number
  readonly centre: number
  readonly raw: number
  readonly left: number
  readonly right: number
  readonly leftFine: number
  readonly rightFine: number
  readonly facts: number
  readonly found: number
  readonly end: number
}

export interface QuantiseRequest {
  /** Whether the raw values have 32 bit. */
  readonly single: boolean
  readonly factor: number
  readonly scale: number
  /** A coarse number stands for 2^shift fine ones, is at most `most`, and is stored with `bias` added. */
  readonly shift: number
  readonly most: number
  readonly bias: number
  /** Where the coarse numbers go: 16, then 16 more `step` bytes further. */
  readonly coarse: number
  readonly step: number
  readonly fine: number
}

/** The arithmetic of `pair-sieve.ts` on one memory. `pair-sieve.wat` says what each does; engines agree to the last bit. */
export interface SieveEngine {
  readonly memory: ArrayBuffer
  quantise(request: QuantiseRequest): void
  /** Compares strip `strip` of four left rows with the right rows; answers how many pairs it found. */
  sift(strip: number, rows: number, lanes: number): number
}

/** Norms, limits and fine limits of four left rows, and the facts of the row that was quantised last. */
export const HEADER_BYTES = 128
export const LIMITS_AT = 16
export const FINE_LIMITS_AT = 64
export const FACTS_AT = 96

/** No place is farther from the centre than this, in fine units: differences fit 16 bit. */
export const FARTHEST_PLACE = 16000

export type OpenSieveEngine = (layout: SieveLayout) => SieveEngine
