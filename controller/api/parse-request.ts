import { z } from 'zod'
import { InvalidInputError } from '../../schemas/errors.ts'

/** Query parameters that every listing takes. */
export const paging = {
  limit: z.coerce.number().int().min(1).max(10_000).optional(),
  cursor: z.string().optional(),
}

/**
 * The value as the schema has it.
 * @throws InvalidInputError `argument-invalid` with all problems
 */
export const parseRequest = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.infer<Schema> => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new InvalidInputError('argument-invalid', z.prettifyError(result.error))
}
