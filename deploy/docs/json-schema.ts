import { z } from 'zod'
import { CONTRACTS, type ContractName } from './contracts.ts'

export type JsonSchema = { readonly [key: string]: unknown }

/**
 * What a reader accepts: fields with a default may be absent, unknown members are let be unless the contract is
 * strict. What NeoSigma itself writes has every field with a default filled in.
 */
const draft = (
  schema: z.ZodType,
  target: 'draft-2020-12' | 'draft-7',
): { readonly [key: string]: unknown } =>
  z.toJSONSchema(schema, {
    target,
    io: 'input',
    // The environment variable of a setting belongs on the configuration page; validators would call it unknown.
    override: ({ jsonSchema }) => {
      delete jsonSchema['env']
    },
  })

/** The published JSON Schema (2020-12) of a contract. */
export const jsonSchemaOf = (name: ContractName): JsonSchema => {
  const { title, description, schema } = CONTRACTS[name]
  const { $schema, ...body } = draft(schema, 'draft-2020-12')
  return { $schema, $id: `urn:neosigma:schema:${name}:v1`, title, description, ...body }
}

/** The same in draft 7, which AsyncAPI's own schema language contains. */
export const asyncApiSchemaOf = (name: ContractName): JsonSchema => {
  const { title, description, schema } = CONTRACTS[name]
  const { $schema: _, ...body } = draft(schema, 'draft-7')
  return { title, description, ...body }
}
