/** A simple hypothesis pair whose log-likelihood ratio is the sum over observations. */
export type SprtModel =
  | { readonly kind: 'normal'; readonly mean0: number; readonly mean1: number; readonly sd: number }
  | { readonly kind: 'bernoulli'; readonly p0: number; readonly p1: number }

export interface SprtErrors {
  /** Probability to accept H₁ although H₀ holds. */
  readonly alpha: number
  /** Probability to accept H₀ although H₁ holds. */
  readonly beta: number
}

export type SprtVerdict = 'accept-h1' | 'accept-h0' | 'continue'

/** ln A = ln((1 − β)/α) and ln B = ln(β/(1 − α)) of Wald (1945). */
export const sprtLimits = ({ alpha, beta }: SprtErrors) => ({
  upper: Math.log((1 - beta) / alpha),
  lower: Math.log(beta / (1 - alpha)),
})

/** What one observation adds to the log-likelihood ratio. */
export const sprtStep = (model: SprtModel, x: number): number => {
  if (model.kind === 'normal')
    return ((model.mean1 - model.mean0) / model.sd ** 2) * (x - (model.mean0 + model.mean1) / 2)
  return x >= 0.5 ? Math.log(model.p1 / model.p0) : Math.log((1 - model.p1) / (1 - model.p0))
}

/** A sequential probability ratio test needs a largest n of its own: this only compares the sum with the limits. */
export const sprtVerdict = (logRatio: number, errors: SprtErrors): SprtVerdict => {
  const { upper, lower } = sprtLimits(errors)
  if (logRatio >= upper) return 'accept-h1'
  return logRatio <= lower ? 'accept-h0' : 'continue'
}

export interface Characteristic {
  readonly acceptH0: number
  /** Average sample number. */
  readonly meanN: number
}

/**
 * Wald's approximations, which ignore the overshoot, at a true mean (or rate) of `truth`: with h solving E[e^{hz}] = 1,
 * P(accept H₀) = (A^h − 1)/(A^h − B^h) and ASN = (P·ln B + (1 − P)·ln A)/E[z].
 */
export const waldCharacteristic = (
  model: SprtModel,
  errors: SprtErrors,
  truth: number,
): Characteristic => {
  const { upper, lower } = sprtLimits(errors)
  const h = conjugate(model, truth)
  if (Math.abs(h) < 1e-9) {
    const acceptH0 = upper / (upper - lower)
    return { acceptH0, meanN: (-upper * lower) / secondMoment(model, truth) }
  }
  const acceptH0 = Math.expm1(h * upper) / (Math.exp(h * upper) - Math.exp(h * lower))
  return { acceptH0, meanN: (acceptH0 * lower + (1 - acceptH0) * upper) / drift(model, truth) }
}

const conjugate = (model: SprtModel, truth: number): number => {
  if (model.kind === 'normal')
    return (model.mean0 + model.mean1 - 2 * truth) / (model.mean1 - model.mean0)
  const [win, loss] = [sprtStep(model, 1), sprtStep(model, 0)]
  const excess = (h: number): number =>
    truth * Math.exp(h * win) + (1 - truth) * Math.exp(h * loss) - 1
  // 0 is always a root; the other one lies on the side to which the drift points away.
  const sign = drift(model, truth) < 0 ? 1 : -1
  let near = 1e-6
  let far = 1
  if (excess(sign * near) >= 0) return 0
  while (excess(sign * far) < 0) far *= 2
  for (let round = 0; round < 200; round += 1) {
    const middle = (near + far) / 2
    if (excess(sign * middle) < 0) near = middle
    else far = middle
  }
  return sign * far
}

const drift = (model: SprtModel, truth: number): number =>
  model.kind === 'normal'
    ? sprtStep(model, truth)
    : truth * sprtStep(model, 1) + (1 - truth) * sprtStep(model, 0)

const secondMoment = (model: SprtModel, truth: number): number =>
  model.kind === 'normal'
    ? sprtStep(model, truth) ** 2 + ((model.mean1 - model.mean0) / model.sd) ** 2
    : truth * sprtStep(model, 1) ** 2 + (1 - truth) * sprtStep(model, 0) ** 2
