import type { ContractName } from '../contracts.ts'

/** A valid value of a contract, published as `schemas/examples/<name>.json`. */
export interface Example {
  readonly name: string
  readonly contract: ContractName
  readonly value: object
}
