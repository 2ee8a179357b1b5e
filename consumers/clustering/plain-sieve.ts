import {
  FACTS_AT,
  FARTHEST_PLACE,
  FINE_LIMITS_AT,
  LIMITS_AT,
  type QuantiseRequest,
  type SieveEngine,
  type SieveLayout,
} from './sieve-engine.ts'

/** `pair-sieve.wat` in plain TypeScript, number for number. */
export const plainSieve = (layout: SieveLayout): SieveEngine => {
  const memory = new ArrayBuffer(layout.end)
  const views = {
    layout,
    memory,
    bytes: new Int8Array(memory),
    integers: new Int32Array(memory),
    doubles: new Float64Array(memory),
    fine: new Int16Array(memory),
  }
  return {
    memory,
    quantise: (request) => quantise(views, request),
    sift: (strip, rows, lanes) => sift(views, strip, rows, lanes),
  }
}

interface Views {
  readonly layout: SieveLayout
  readonly memory: ArrayBuffer
  readonly bytes: Int8Array
  readonly integers: Int32Array
  readonly doubles: Float64Array
  readonly fine: Int16Array
}

/** Adding and taking it away rounds to the nearest whole number, halves to even ones. */
const ROUNDING = 1.5 * 2 ** 52
const CHUNK = 16

const quantise = (views: Views, request: QuantiseRequest): void => {
  const { layout, memory, bytes, doubles, fine } = views
  const { shift, most, bias } = request
  const raw = request.single
    ? new Float32Array(memory, layout.raw, layout.stride)
    : new Float64Array(memory, layout.raw, layout.stride)
  const box = most << shift
  let norm = 0
  let sum = 0
  let error = 0
  let widest = 0
  for (let k = 0; k < layout.stride; k++) {
    const centre = doubles[layout.centre / 8 + k] as number
    const place = ((raw[k] as number) * request.factor - centre) * request.scale
    const within = Math.max(-FARTHEST_PLACE, Math.min(FARTHEST_PLACE, place))
    const number = within + ROUNDING - ROUNDING
    fine[request.fine / 2 + k] = number
    widest = Math.max(widest, Math.abs(number))
    const boxed = Math.max(-box, Math.min(box, number))
    const code = (boxed + (1 << (shift - 1))) >> shift
    norm += code * code
    sum += code
    error += (boxed - (code << shift)) ** 2
    bytes[request.coarse + Math.floor(k / CHUNK) * request.step + (k % CHUNK)] = code + bias
  }
  views.integers.set([norm, sum, error, widest >= FARTHEST_PLACE ? 1 : 0], FACTS_AT / 4)
}

const sift = (views: Views, strip: number, rows: number, lanes: number): number => {
  const { layout, integers, doubles } = views
  let out = layout.found / 8
  for (let row = 0; row < rows; row++) {
    const fact = layout.facts / 8 + 2 * row
    for (let lane = 0; lane < 4; lane++) {
      if (((lanes >> lane) & 1) === 0) continue
      const norms = ((integers[lane] as number) + (integers[2 * fact] as number)) | 0
      const square = (norms - (dot(views, strip, lane, row) << 2)) | 0
      const limit = integers[LIMITS_AT / 4 + lane] as number
      if (square > Math.max(limit, integers[2 * fact + 1] as number)) continue
      const measured = measure(views, strip * 4 + lane, row)
      const fineLimit = doubles[FINE_LIMITS_AT / 8 + lane] as number
      if (measured > Math.max(fineLimit, doubles[fact + 1] as number)) continue
      integers[2 * out] = (row << 2) | lane
      doubles[out + 1] = measured
      out += 2
    }
  }
  return (out - layout.found / 8) / 2
}

/** Coarse dot product of a left and a right row. */
const dot = ({ layout, bytes }: Views, strip: number, lane: number, row: number): number => {
  let p = layout.left + strip * 4 * layout.stride + lane * CHUNK
  let q = layout.right + (row >> 1) * 2 * layout.stride + (row & 1) * CHUNK
  let sum = 0
  for (let chunk = 0; chunk < layout.stride; chunk += CHUNK, p += 4 * CHUNK, q += 2 * CHUNK)
    for (let k = 0; k < CHUNK; k++) sum += (bytes[p + k] as number) * (bytes[q + k] as number)
  return sum
}

/** Fine squared distance of a left and a right row. */
const measure = ({ layout, fine }: Views, left: number, right: number): number => {
  const p = layout.leftFine / 2 + left * layout.stride
  const q = layout.rightFine / 2 + right * layout.stride
  let sum = 0
  for (let k = 0; k < layout.stride; k++) {
    const difference = (fine[p + k] as number) - (fine[q + k] as number)
    sum += difference * difference
  }
  return sum
}
